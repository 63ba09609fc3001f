import type { admissionregistrationV1 } from "@tskube/api";
import { type FieldError, field, type Path, qualifiedNameErrors } from "@tskube/apimachinery";
import { type Environment, celType as t } from "../../cel/index.ts";
import { oneOf, optionalSelector } from "../field-rules.ts";
import { expressionErrors } from "./validate-expressions.ts";
import { namedRuleErrors } from "./validate-rules.ts";

export const matchPolicies = ["Equivalent", "Exact"];
const maxMatchConditions = 64;

/** What is wrong with conditions that writes must meet. */
export function matchConditionErrors(
  conditions: readonly admissionregistrationV1.MatchCondition[],
  environment: Environment,
  at: Path,
): FieldError[] {
  const errors: FieldError[] = [];
  if (conditions.length > maxMatchConditions) errors.push(field.tooMany(at, conditions.length, maxMatchConditions));
  const seen = new Set<string>();
  for (const [index, { name, expression }] of conditions.entries()) {
    const path = at.index(index);
    const text = expression?.trim() ?? "";
    if (text === "") errors.push(field.required(path.child("expression")));
    else errors.push(...expressionErrors(text, environment, [t.BOOL], path.child("expression")));
    errors.push(...nameErrors(name, seen, path.child("name")));
  }
  return errors;
}

function nameErrors(name: string | undefined, seen: Set<string>, at: Path): FieldError[] {
  if (!name) return [field.required(at)];
  const errors = qualifiedNameErrors(name).map((message) => field.invalid(at, name, message));
  if (seen.has(name)) errors.push(field.duplicate(at, name));
  seen.add(name);
  return errors;
}

/** What is wrong with which writes a policy is about. */
export function matchResourcesErrors(match: admissionregistrationV1.MatchResources, at: Path): FieldError[] {
  const { matchPolicy, namespaceSelector, objectSelector, resourceRules = [], excludeResourceRules = [] } = match;
  const selectors = { namespaceSelector, objectSelector };
  return [
    ...oneOf(matchPolicy, matchPolicies, at.child("matchPolicy")),
    ...Object.entries(selectors).flatMap(([name, selector]) =>
      selector ? optionalSelector(selector, at.child(name)) : [field.required(at.child(name))],
    ),
    ...resourceRules.flatMap((rule, index) => namedRuleErrors(rule, at.child("resourceRules").index(index))),
    ...excludeResourceRules.flatMap((rule, index) =>
      namedRuleErrors(rule, at.child("excludeResourceRules").index(index)),
    ),
  ];
}
