import type { admissionregistrationV1 } from "@tskube/api";
import { errorMessage } from "@tskube/base";
import type { Bindings } from "./bindings.ts";
import { compileOrFail } from "./expression.ts";

export type MatchOutcome = { readonly matches: boolean } | { readonly error: Error };

/** Compiles conditions that must all hold. One that is false decides, even where another cannot be evaluated. */
export function createMatchConditions(
  conditions: readonly admissionregistrationV1.MatchCondition[] = [],
): (bindings: () => Bindings) => MatchOutcome {
  const compiled = conditions.map(({ name, expression }) => ({ name, expression: compileOrFail(expression) }));
  return (bindings) => {
    if (compiled.length === 0) return { matches: true };
    const values = bindings();
    const errors: string[] = [];
    for (const { name, expression } of compiled) {
      try {
        if (expression.evaluate(values) !== true) return { matches: false };
      } catch (error) {
        errors.push(`expression '${expression.text}' resulted in error: ${errorMessage(error)} (condition ${name})`);
      }
    }
    if (errors.length === 0) return { matches: true };
    return { error: new Error(errors.length === 1 ? errors[0] : `[${errors.join(", ")}]`) };
  };
}
