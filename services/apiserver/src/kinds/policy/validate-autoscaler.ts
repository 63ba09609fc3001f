import type { HorizontalPodAutoscaler } from "@tskube/api";
import { type FieldError, field, Path } from "@tskube/apimachinery";
import { validateMetrics } from "./autoscaler-metrics.ts";
import { referenceErrors } from "./object-reference.ts";
import { validateScalingRules } from "./scaling-rules.ts";

const specPath = Path.of("spec");

export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  if (!spec) return [];
  const { metrics = [], scaleTargetRef, behavior } = spec;
  return [
    ...replicaErrors(spec),
    ...referenceErrors(scaleTargetRef, specPath.child("scaleTargetRef")),
    ...validateMetrics(metrics, specPath.child("metrics")),
    ...validateScalingRules(behavior?.scaleUp, specPath.child("behavior", "scaleUp")),
    ...validateScalingRules(behavior?.scaleDown, specPath.child("behavior", "scaleDown")),
  ];
}

function replicaErrors({ minReplicas, maxReplicas }: NonNullable<HorizontalPodAutoscaler["spec"]>): FieldError[] {
  const errors: FieldError[] = [];
  if (minReplicas !== undefined && minReplicas < 1) {
    errors.push(field.invalid(specPath.child("minReplicas"), minReplicas, "must be greater than or equal to 1"));
  }
  if (maxReplicas < 1) errors.push(field.invalid(specPath.child("maxReplicas"), maxReplicas, "must be greater than 0"));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    const detail = "must be greater than or equal to `minReplicas`";
    errors.push(field.invalid(specPath.child("maxReplicas"), maxReplicas, detail));
  }
  return errors;
}
