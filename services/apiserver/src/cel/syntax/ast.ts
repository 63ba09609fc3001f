/** What an expression's literal says. */
export type Literal =
  | { readonly type: "null" }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "int" | "uint"; readonly value: bigint }
  | { readonly type: "double"; readonly value: number }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "bytes"; readonly value: Uint8Array };

interface Node {
  /** Where the node's text is: an offset into the source. */
  readonly at: number;
}

export interface Entry {
  readonly key: Expr;
  readonly value: Expr;
  /** `{?key: value}`: there only if the value is. */
  readonly isOptional: boolean;
}

export interface StructField {
  readonly name: string;
  readonly value: Expr;
  readonly isOptional: boolean;
  readonly at: number;
}

/** A parsed expression. Operators are calls under names such as `_+_`; macros are folds already. */
export type Expr = Node &
  (
    | { readonly kind: "literal"; readonly literal: Literal }
    | { readonly kind: "ident"; readonly name: string }
    | {
        readonly kind: "select";
        readonly operand: Expr;
        readonly field: string;
        readonly mode: "get" | "has" | "optional";
      }
    | {
        readonly kind: "call";
        readonly name: string;
        readonly target: Expr | undefined;
        readonly args: readonly Expr[];
      }
    | { readonly kind: "list"; readonly items: readonly { readonly value: Expr; readonly isOptional: boolean }[] }
    | { readonly kind: "map"; readonly entries: readonly Entry[] }
    | { readonly kind: "struct"; readonly name: string; readonly fields: readonly StructField[] }
    | Fold
  );

/** A loop over a list or a map's keys: `accu` begins as `init`, becomes `step` while `condition` holds, and `result` sees it at the end. */
export interface Fold {
  readonly kind: "fold";
  readonly variable: string;
  /** The value beside the index or key in `variable`. */
  readonly second: string | undefined;
  readonly range: Expr;
  readonly accu: string;
  readonly init: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

/** The parts of an expression, in the order of evaluation. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "literal":
    case "ident":
      return [];
    case "select":
      return [expr.operand];
    case "call":
      return expr.target ? [expr.target, ...expr.args] : expr.args;
    case "list":
      return expr.items.map((item) => item.value);
    case "map":
      return expr.entries.flatMap(({ key, value }) => [key, value]);
    case "struct":
      return expr.fields.map((field) => field.value);
    case "fold":
      return [expr.range, expr.init, expr.condition, expr.step, expr.result];
  }
}

/** `a.b.c` as one name; undefined for anything else. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === "ident") return expr.name;
  if (expr.kind !== "select" || expr.mode !== "get") return undefined;
  const before = qualifiedName(expr.operand);
  return before === undefined ? undefined : `${before}.${expr.field}`;
}
