import type { PodTemplate, ReplicationController } from "@tskube/api";
import { type FieldError, field, nonNegativeErrors, Path } from "@tskube/apimachinery";
import { optionalNonNegative } from "../field-rules.ts";
import { mismatch, validateLastingTemplate, validatePodTemplate } from "./pod-template.ts";

const specPath = Path.of("spec");

export function validateReplicationController({ spec }: ReplicationController): FieldError[] {
  const { selector = {}, template } = spec ?? {};
  const errors = optionalNonNegative(spec?.minReadySeconds, specPath.child("minReadySeconds"));
  const pairs = Object.entries(selector);
  if (pairs.length === 0) errors.push(field.required(specPath.child("selector")));
  errors.push(...nonNegativeErrors(spec?.replicas ?? 0, specPath.child("replicas")));
  if (!template) return [...errors, field.required(specPath.child("template"))];
  const labels = template.metadata?.labels;
  if (pairs.length > 0 && !pairs.every(([key, value]) => labels?.[key] === value)) {
    errors.push(mismatch(labels, specPath));
  }
  return [...errors, ...validateLastingTemplate(template, "ReplicationController", specPath.child("template"))];
}

export function validateTemplateObject({ template }: PodTemplate): FieldError[] {
  return validatePodTemplate(template, Path.of("template"));
}
