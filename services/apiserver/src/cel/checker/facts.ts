import type { StructDeclaration } from "../environment.ts";
import type { Overload } from "../functions.ts";
import type { Expr } from "../syntax/ast.ts";
import type { Type } from "../types.ts";

/** What the checker found out about a part of an expression. */
export interface Fact {
  readonly type: Type;
  /** Of a call: the signatures that may fit. */
  readonly overloads?: readonly Overload[];
  /** Of a call whose target is no value but a part of the function's name. */
  readonly isQualified?: boolean;
  /** Of a name, with or without dots: the variable of the environment that it is. */
  readonly variable?: string;
  /** Of a name of a type. */
  readonly namedType?: Type;
  readonly struct?: StructDeclaration;
}

export interface Checked {
  readonly expr: Expr;
  readonly type: Type;
  /** By the parts of the expression, all of which are there. */
  readonly facts: ReadonlyMap<Expr, Fact>;
}
