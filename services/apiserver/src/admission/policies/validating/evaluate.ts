import type { Variables } from "../../../cel/index.ts";
import { type Bindings, bindingsOf } from "../../cel/bindings.ts";
import { BudgetSpent, matchConditionsBudget, policyBudget } from "../../cel/budget.ts";
import { DecisionPending } from "../../cel/decisions.ts";
import type { Expression } from "../../cel/expression.ts";
import { failureText } from "../../cel/match-conditions.ts";
import type { CompiledValidation, ValidatingPolicy } from "./compile-policy.ts";

/** Something that a policy holds against a write. */
export interface Violation {
  /** Which of the policy's validations it is of. */
  readonly index: number;
  readonly message: string;
  readonly reason: string;
}

export interface Judgement {
  readonly violations: readonly Violation[];
  /** Refusals whatever the binding wants done about violations: what the policy was to record could not be made. */
  readonly failures: readonly Violation[];
  readonly annotations: readonly { readonly key: string; readonly value: string }[];
}

const nothing: Judgement = { violations: [], failures: [], annotations: [] };

/** Judges one write by one policy with one set of parameters. */
export function evaluatePolicy(policy: ValidatingPolicy, variables: Variables): Judgement {
  const outcome = policy.conditions(bindingsOf(variables, matchConditionsBudget));
  if ("error" in outcome) return { ...nothing, violations: failuresOf(policy, 0, outcome.error.message) };
  if (!outcome.matches) return nothing;
  const bindings = policy.variables.bind(bindingsOf(variables, policyBudget));
  const violations = validate(policy, bindings);
  return { violations, ...annotate(policy, policy.variables.bind(bindingsOf(variables, policyBudget))) };
}

/** A policy that cannot judge refuses, unless it is to be passed over. */
export function failuresOf({ ignoresFailure }: ValidatingPolicy, index: number, message: string): readonly Violation[] {
  return ignoresFailure ? [] : [{ index, message, reason: "Invalid" }];
}

function validate(policy: ValidatingPolicy, bindings: Bindings): readonly Violation[] {
  const violations: Violation[] = [];
  for (const [index, validation] of policy.validations.entries()) {
    try {
      violations.push(...violationsOf(validation, index, bindings));
    } catch (error) {
      if (error instanceof DecisionPending) throw error;
      violations.push(...failuresOf(policy, index, failureText(validation.expression.text, error)));
      if (error instanceof BudgetSpent) break;
    }
  }
  return violations;
}

function violationsOf({ source, expression, message }: CompiledValidation, index: number, bindings: Bindings) {
  if (expression.evaluate(bindings) === true) return [];
  const own = message && messageOf(message, bindings);
  const fallback = source.message?.trim() || `failed expression: ${source.expression.trim()}`;
  return [{ index, message: own ?? fallback, reason: source.reason || "Invalid" }];
}

const maxMessageBytes = 5 * 1024;

/** What a message expression says in one line; undefined when it says nothing that can be shown. */
function messageOf(expression: Expression, bindings: Bindings): string | undefined {
  try {
    const value = expression.evaluate(bindings);
    const text = typeof value === "string" ? value.trim() : "";
    return text === "" || text.includes("\n") || Buffer.byteLength(text) > maxMessageBytes ? undefined : text;
  } catch (error) {
    // Other messages may still be afforded by nobody: the budget is spent for all.
    if (error instanceof DecisionPending || error instanceof BudgetSpent) throw error;
    return undefined;
  }
}

const maxAnnotationBytes = 10 * 1024;

function annotate(policy: ValidatingPolicy, bindings: Bindings): Pick<Judgement, "failures" | "annotations"> {
  const annotations: { key: string; value: string }[] = [];
  const failures: Violation[] = [];
  for (const [index, { key, expression }] of policy.auditAnnotations.entries()) {
    try {
      const value = expression.evaluate(bindings);
      const text = typeof value === "string" ? value.trim() : "";
      if (text !== "") annotations.push({ key, value: truncated(text) });
    } catch (error) {
      if (error instanceof DecisionPending) throw error;
      failures.push(...failuresOf(policy, index, failureText(expression.text, error)));
      if (error instanceof BudgetSpent) break;
    }
  }
  return { annotations, failures };
}

/** No more than may be recorded, and no half of a character. */
function truncated(text: string): string {
  const bytes = Buffer.from(text);
  return bytes.byteLength <= maxAnnotationBytes
    ? text
    : new TextDecoder().decode(bytes.subarray(0, maxAnnotationBytes), { stream: true });
}
