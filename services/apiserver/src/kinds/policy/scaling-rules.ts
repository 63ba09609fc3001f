import type { HPAScalingRules } from "@tskube/api";
import { type FieldError, field, type Path } from "@tskube/apimachinery";
import { optionalOneOf, positive } from "../field-rules.ts";

const selections = ["Disabled", "Max", "Min"];
const types = ["Percent", "Pods"];
const maxWindowSeconds = 3600;
const maxPeriodSeconds = 1800;

/** How fast an autoscaler may go one way. */
export function validateScalingRules(rules: HPAScalingRules | undefined, at: Path): FieldError[] {
  if (!rules) return [];
  const { policies = [], stabilizationWindowSeconds: window, selectPolicy, tolerance } = rules;
  const errors: FieldError[] = [];
  const windowAt = at.child("stabilizationWindowSeconds");
  if (window !== undefined && window < 0) {
    errors.push(field.invalid(windowAt, window, "must be greater than or equal to zero"));
  }
  if (window !== undefined && window > maxWindowSeconds) {
    errors.push(field.invalid(windowAt, window, `must be less than or equal to ${maxWindowSeconds}`));
  }
  errors.push(...optionalOneOf(selectPolicy, selections, at.child("selectPolicy")));
  const policiesAt = at.child("policies");
  if (policies.length === 0) errors.push(field.required(policiesAt, "must specify at least one Policy"));
  errors.push(...policies.flatMap((policy, index) => policyErrors(policy, policiesAt.index(index))));
  if (tolerance?.startsWith("-")) {
    errors.push(field.invalid(at.child("tolerance"), tolerance, "must be greater than or equal to 0"));
  }
  return errors;
}

type Policy = NonNullable<HPAScalingRules["policies"]>[number];

function policyErrors({ type, value, periodSeconds }: Policy, at: Path): FieldError[] {
  const errors = [
    ...optionalOneOf(type, types, at.child("type")),
    ...positive(value, at.child("value")),
    ...positive(periodSeconds, at.child("periodSeconds")),
  ];
  if (periodSeconds <= maxPeriodSeconds) return errors;
  const detail = `must be less than or equal to ${maxPeriodSeconds}`;
  return [...errors, field.invalid(at.child("periodSeconds"), periodSeconds, detail)];
}
