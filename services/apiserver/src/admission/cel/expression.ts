import { errorMessage } from "@tskube/base";
import { compile, type Environment, InvalidExpression, type Type, typeName, type Value } from "../../cel/index.ts";
import type { Bindings } from "./bindings.ts";

/** A CEL expression that was compiled once. */
export interface Expression {
  readonly text: string;
  /** What it evaluates to. */
  readonly type: Type;
  /** Throws what evaluation fails with, in upstream's words. */
  evaluate(bindings: Bindings): Value;
}

/** Compiles `text`, which must evaluate to one of `wanted`, if any are; throws what is wrong with it, as validation tells it. */
export function compileExpression(text: string, environment: Environment, wanted: readonly Type[] = []): Expression {
  const program = compiled(text, environment);
  const isWanted = wanted.length === 0 || wanted.some((type) => typeName(type) === typeName(program.type));
  if (!isWanted) throw new Error(mustBe(wanted));
  return { text, type: program.type, evaluate: ({ budget, variable }) => budget.run(program, variable) };
}

function compiled(text: string, environment: Environment) {
  try {
    return compile(text, environment);
  } catch (error) {
    if (!(error instanceof InvalidExpression)) throw error;
    throw new Error(`compilation failed: ${error.message}`, { cause: error });
  }
}

function mustBe(types: readonly Type[]): string {
  const names = types.map(typeName);
  return names.length === 1 ? `must evaluate to ${names[0]}` : `must evaluate to one of [${names.join(" ")}]`;
}

/** As `compileExpression`, but an expression that is none fails whenever it is evaluated. */
export function compileOrFail(text: string, environment: Environment, wanted: readonly Type[] = []): Expression {
  try {
    return compileExpression(text, environment, wanted);
  } catch (error) {
    const failure = new Error(`compilation error: ${errorMessage(error)}`, { cause: error });
    return {
      text,
      type: { kind: "dyn" },
      evaluate() {
        throw failure;
      },
    };
  }
}
