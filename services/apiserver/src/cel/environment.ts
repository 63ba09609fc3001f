import type { Functions } from "./functions.ts";
import type { Type } from "./types.ts";
import type { MapValue, Value } from "./values/index.ts";

/** An object that expressions may make by `Name{field: value}`. */
export interface StructDeclaration {
  readonly type: Type;
  /** The field's type; undefined when there is none of that name. */
  field(name: string): Type | undefined;
  make(fields: ReadonlyMap<string, Value>): MapValue;
}

/** What expressions may name. */
export interface Environment {
  readonly functions: Functions;
  /** Variables with their types; a name may have dots. */
  readonly variables: Readonly<Record<string, Type>>;
  readonly structs?: (name: string) => StructDeclaration | undefined;
}
