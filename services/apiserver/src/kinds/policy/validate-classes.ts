import type { PriorityClass, RuntimeClass } from "@tskube/api";
import {
  dns1123LabelErrors,
  type FieldError,
  field,
  Path,
  validateImmutable,
  validateLabels,
} from "@tskube/apimachinery";
import { validateResources } from "../core/pod/validate-resources.ts";
import { validateTolerations } from "../core/pod/validate-tolerations.ts";
import { optionalName, optionalOneOf } from "../field-rules.ts";

const maxUserPriority = 1_000_000_000;
const systemPriorities: Readonly<Record<string, number>> = {
  "system-cluster-critical": 2_000_000_000,
  "system-node-critical": 2_000_001_000,
};
const preemptionPolicies = ["Never", "PreemptLowerPriority"];

export function validatePriorityClass({ metadata, value, preemptionPolicy }: PriorityClass): FieldError[] {
  const errors: FieldError[] = [];
  if (metadata.name.startsWith("system-")) {
    if (systemPriorities[metadata.name] !== value) {
      const detail = "priority class names with 'system-' prefix are reserved for system use only";
      errors.push(field.forbidden(Path.of("metadata", "name"), detail));
    }
  } else if (value > maxUserPriority) {
    const detail = `maximum allowed value of a user defined priority is ${maxUserPriority}`;
    errors.push(field.forbidden(Path.of("value"), detail));
  }
  return [...errors, ...optionalOneOf(preemptionPolicy, preemptionPolicies, Path.of("preemptionPolicy"))];
}

export function validatePriorityClassUpdate(object: PriorityClass, old: PriorityClass): FieldError[] {
  const errors: FieldError[] = [];
  if (object.value !== old.value) errors.push(field.forbidden(Path.of("value"), "may not be changed in an update."));
  const path = Path.of("preemptionPolicy");
  return [...errors, ...validateImmutable(object.preemptionPolicy, old.preemptionPolicy, path)];
}

export function validateRuntimeClass({ handler, scheduling, overhead }: RuntimeClass): FieldError[] {
  const path = Path.of("handler");
  const errors = handler
    ? optionalName(handler, dns1123LabelErrors, path)
    : dns1123LabelErrors("").map((message) => field.invalid(path, "", message));
  const amounts = overhead?.podFixed && { limits: overhead.podFixed };
  return [
    ...errors,
    ...validateResources(amounts, new Set(), Path.of("overhead")),
    ...validateLabels(scheduling?.nodeSelector, Path.of("scheduling", "nodeSelector")),
    ...validateTolerations(scheduling?.tolerations ?? [], Path.of("scheduling", "tolerations")),
  ];
}

export function validateRuntimeClassUpdate(object: RuntimeClass, old: RuntimeClass): FieldError[] {
  return [...validateRuntimeClass(object), ...validateImmutable(object.handler, old.handler, Path.of("handler"))];
}
