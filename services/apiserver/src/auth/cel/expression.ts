import { compile, type Expr, fromJson, InvalidExpression, type Program, partsOf, toJson } from "../../cel/index.ts";
import { type PurposeName, purposes } from "./purposes.ts";

/** An expression of a configuration file, compiled once. */
export interface Expression {
  readonly text: string;
  /** Whether it looks at that field of its variable. */
  uses(field: string): boolean;
  /** What it comes to for that value of its variable, both as JSON. Throws what evaluation fails with. */
  evaluate(value: unknown): unknown;
}

/** Compiles `text` for its purpose; throws why it cannot, as validation tells it. */
export function compileExpression(text: string, name: PurposeName): Expression {
  const { environment, variable, isCondition } = purposes[name];
  const program = compiled(text, name);
  if (isCondition && program.type.kind !== "bool") throw new Error("must evaluate to bool");
  const type = environment.variables[variable];
  return {
    text,
    uses: (field) => uses(program.checked.expr, variable, field),
    evaluate: (value) => toJson(program.evaluate(() => fromJson(value, type))),
  };
}

function compiled(text: string, name: PurposeName): Program {
  try {
    return compile(text, purposes[name].environment);
  } catch (error) {
    if (!(error instanceof InvalidExpression)) throw error;
    throw new Error(`compilation failed: ${error.message}`, { cause: error });
  }
}

function uses(expr: Expr, variable: string, field: string): boolean {
  if (expr.kind === "select" && expr.field === field) {
    if (expr.operand.kind === "ident" && expr.operand.name === variable) return true;
  }
  return partsOf(expr).some((part) => uses(part, variable, field));
}
