/** A field of an object type: its name in JSON may not be one in expressions. */
export interface Field {
  readonly json: string;
  readonly type: Type;
}

/** Types of CEL values, and `dyn`, which is any of them and known only when an expression runs. */
export type Type =
  | { readonly kind: ScalarKind }
  | { readonly kind: "list"; readonly item: Type; readonly keyedBy?: ListKeys }
  | { readonly kind: "map"; readonly key: Type; readonly value: Type }
  /** An object with known fields, under the names that expressions use; made when first asked, for types may contain themselves. */
  | { readonly kind: "object"; readonly name: string; readonly fields: () => ReadonlyMap<string, Field> }
  /** A type that only functions can look into, such as `net.IP`. */
  | { readonly kind: "opaque"; readonly name: string; readonly parameters: readonly Type[] }
  | { readonly kind: "type"; readonly of: Type }
  /** Stands for one type in a function's declaration. */
  | { readonly kind: "parameter"; readonly name: string };

/** Of lists whose order does not matter: the fields that items are told apart by; all that an item is where there are none. */
export type ListKeys = readonly string[];

export type ScalarKind =
  | "dyn"
  | "null_type"
  | "bool"
  | "int"
  | "uint"
  | "double"
  | "string"
  | "bytes"
  | "timestamp"
  | "duration";

export const DYN: Type = { kind: "dyn" };
export const NULL: Type = { kind: "null_type" };
export const BOOL: Type = { kind: "bool" };
export const INT: Type = { kind: "int" };
export const UINT: Type = { kind: "uint" };
export const DOUBLE: Type = { kind: "double" };
export const STRING: Type = { kind: "string" };
export const BYTES: Type = { kind: "bytes" };
export const TIMESTAMP: Type = { kind: "timestamp" };
export const DURATION: Type = { kind: "duration" };

export const listOf = (item: Type): Type => ({ kind: "list", item });
export const keyedListOf = (item: Type, keyedBy: ListKeys): Type => ({ kind: "list", item, keyedBy });
export const mapOf = (key: Type, value: Type): Type => ({ kind: "map", key, value });
export const opaque = (name: string, ...parameters: readonly Type[]): Type => ({ kind: "opaque", name, parameters });
export const optionalOf = (type: Type): Type => opaque("optional_type", type);
export const typeOf = (of: Type): Type => ({ kind: "type", of });
export const parameter = (name: string): Type => ({ kind: "parameter", name });

export function objectType(name: string, fields: () => ReadonlyMap<string, Field>): Type {
  let made: ReadonlyMap<string, Field> | undefined;
  return {
    kind: "object",
    name,
    fields: () => {
      made ??= fields();
      return made;
    },
  };
}

/** An object type whose fields have the same names in JSON. */
export function structType(name: string, fields: Readonly<Record<string, Type>>): Type {
  return objectType(name, () => new Map(Object.entries(fields).map(([field, type]) => [field, { json: field, type }])));
}

/** A type as messages name it. */
export function typeName(type: Type): string {
  switch (type.kind) {
    case "list":
      return `list(${typeName(type.item)})`;
    case "map":
      return `map(${typeName(type.key)}, ${typeName(type.value)})`;
    case "object":
      return type.name;
    case "opaque":
      return type.parameters.length === 0 ? type.name : `${type.name}(${type.parameters.map(typeName).join(", ")})`;
    case "type":
      return `type(${typeName(type.of)})`;
    case "parameter":
      return type.name;
    case "timestamp":
      return "google.protobuf.Timestamp";
    case "duration":
      return "google.protobuf.Duration";
    default:
      return type.kind;
  }
}
