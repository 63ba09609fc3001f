import type { admissionregistrationV1 } from "@tskube/api";
import { errorMessage } from "@tskube/base";
import { type Environment, celType as t } from "../../cel/index.ts";
import type { Bindings } from "./bindings.ts";
import { BudgetSpent } from "./budget.ts";
import { DecisionPending } from "./decisions.ts";
import { compileOrFail } from "./expression.ts";

export type MatchOutcome = { readonly matches: boolean } | { readonly error: Error };
export type MatchConditions = (bindings: Bindings) => MatchOutcome;

const always: MatchConditions = () => ({ matches: true });

/** Compiles conditions that must all hold. One that is false decides, even where another cannot be evaluated. */
export function createMatchConditions(
  conditions: readonly admissionregistrationV1.MatchCondition[] = [],
  environment: Environment,
): MatchConditions {
  if (conditions.length === 0) return always;
  const compiled = conditions.map(({ expression }) => compileOrFail(expression, environment, [t.BOOL]));
  return (bindings) => {
    const errors: string[] = [];
    for (const expression of compiled) {
      try {
        if (expression.evaluate(bindings) !== true) return { matches: false };
      } catch (error) {
        if (error instanceof DecisionPending) throw error;
        errors.push(failureText(expression.text, error));
        if (error instanceof BudgetSpent) break;
      }
    }
    if (errors.length === 0) return { matches: true };
    return { error: new Error(errors.length === 1 ? errors[0] : `[${errors.join(", ")}]`) };
  };
}

/** How a failed expression is told. */
export function failureText(text: string, error: unknown): string {
  return error instanceof BudgetSpent
    ? error.message
    : `expression '${text}' resulted in error: ${errorMessage(error)}`;
}
