import { type FieldError, field, type Path } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import { CostLimitExceeded, CostMeter, type Value, type Variables } from "../../cel/index.ts";
import type { Schema } from "../schema/structure.ts";
import { pathBelow } from "./field-path.ts";
import type { Rule } from "./rule.ts";

/** What the rules of one object may cost together. */
export const objectBudget = 10_000_000;
const maxMessageBytes = 5 * 1024;

/** What remains of an object's budget; negative when no further rules are to run. */
export interface Budget {
  left: number;
}

/** A value under a rule. */
export interface Subject {
  readonly variables: Variables;
  readonly at: Path | undefined;
  readonly schema: Schema;
  readonly budget: Budget;
}

export const outOfBudget =
  "validation failed due to running out of cost budget, no further validation rules will be run";

/** Evaluates a rule; what is wrong, if anything is. */
export function checkRule(rule: Rule, subject: Subject): FieldError | undefined {
  const { condition } = rule;
  const fail = (detail: string) => field.invalid(subject.at, subject.schema.type ?? "", detail);
  if (condition.problem !== undefined) return fail(`rule compile error: compilation failed: ${condition.problem}`);
  if (!condition.program) return undefined;
  const meter = new CostMeter();
  let holds: Value | undefined;
  let failure: unknown;
  try {
    holds = condition.program.evaluate(subject.variables, meter);
  } catch (error) {
    failure = error;
  }
  if (!spend(subject.budget, meter)) return fail(outOfBudget);
  if (failure !== undefined) {
    if (failure instanceof CostLimitExceeded) subject.budget.left = -1;
    return fail(failureText(failure, shown(rule)));
  }
  return holds === true ? undefined : broken(rule, subject);
}

/** False once the budget is spent. */
function spend(budget: Budget, { used }: CostMeter): boolean {
  const isEnough = used <= budget.left;
  budget.left = isEnough ? budget.left - used : -1;
  return isEnough;
}

/** The rule as messages name it. */
function shown({ rule }: Rule): string {
  return (rule.message || rule.rule).trim();
}

function failureText(error: unknown, rule: string): string {
  const message = errorMessage(error);
  if (message.startsWith("no such overload")) {
    return `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${rule}`;
  }
  if (error instanceof CostLimitExceeded) {
    return `'${message}': no further validation rules will be run due to call cost exceeds limit for rule: ${rule}`;
  }
  return `${message} evaluating rule: ${rule}`;
}

function broken(rule: Rule, subject: Subject): FieldError {
  const path = pathBelow(subject.at, rule.fieldPath);
  const type = subject.schema.type ?? "";
  let detail: string | undefined;
  try {
    detail = expressedMessage(rule, subject);
  } catch (error) {
    return field.invalid(path, type, errorMessage(error));
  }
  detail ??= rule.rule.message?.trim() || `failed rule: ${shown(rule)}`;
  switch (rule.rule.reason) {
    case "FieldValueForbidden":
      return field.forbidden(path, detail);
    case "FieldValueRequired":
      return field.required(path, detail);
    case "FieldValueDuplicate":
      return field.duplicate(path, type);
    default:
      return field.invalid(path, type, detail);
  }
}

/** Undefined for a message that cannot be made, or is none: the fixed one stands in. Throws when the budget is spent. */
function expressedMessage({ message, rule }: Rule, { variables, budget }: Subject): string | undefined {
  if (!message.program) return undefined;
  const meter = new CostMeter();
  let text: Value | undefined;
  let isOver = false;
  try {
    text = message.program.evaluate(variables, meter);
  } catch (error) {
    isOver = error instanceof CostLimitExceeded;
  }
  if (!spend(budget, meter)) {
    throw new Error(
      "messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run",
    );
  }
  if (isOver) {
    budget.left = -1;
    const source = JSON.stringify(rule.messageExpression);
    throw new Error(
      `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${source}`,
    );
  }
  const trimmed = typeof text === "string" ? text.trim() : "";
  const isUsable = trimmed !== "" && !trimmed.includes("\n") && Buffer.byteLength(trimmed) <= maxMessageBytes;
  return isUsable ? trimmed : undefined;
}
