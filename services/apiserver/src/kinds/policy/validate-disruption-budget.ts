import type { PodDisruptionBudget } from "@tskube/api";
import { type FieldError, field, Path } from "@tskube/apimachinery";
import {
  atMostAllErrors,
  optionalAmount,
  optionalNonNegative,
  optionalOneOf,
  optionalSelector,
} from "../field-rules.ts";

const specPath = Path.of("spec");
const evictionPolicies = ["AlwaysAllow", "IfHealthyBudget"];

export function validateDisruptionBudget({ spec }: PodDisruptionBudget): FieldError[] {
  if (!spec) return [];
  const errors: FieldError[] = [];
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
    errors.push(field.invalid(specPath, spec, "minAvailable and maxUnavailable cannot be both set"));
  }
  for (const name of ["minAvailable", "maxUnavailable"] as const) {
    const path = specPath.child(name);
    errors.push(...optionalAmount(spec[name], path), ...atMostAllErrors(spec[name], path));
  }
  errors.push(...optionalSelector(spec.selector, specPath.child("selector")));
  const policyAt = specPath.child("unhealthyPodEvictionPolicy");
  return [...errors, ...optionalOneOf(spec.unhealthyPodEvictionPolicy, evictionPolicies, policyAt)];
}

const counts = ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"] as const;

export function validateDisruptionBudgetStatus({ status }: PodDisruptionBudget): FieldError[] {
  return counts.flatMap((name) => optionalNonNegative(status?.[name], Path.of("status", name)));
}
