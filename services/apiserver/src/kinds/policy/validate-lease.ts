import type { Lease } from "@tskube/api";
import { type FieldError, field, nonNegativeErrors, Path } from "@tskube/apimachinery";

const specPath = Path.of("spec");

export function validateLease({ spec }: Lease): FieldError[] {
  const { leaseDurationSeconds: seconds, leaseTransitions: transitions } = spec ?? {};
  const errors: FieldError[] = [];
  if (seconds !== undefined && seconds <= 0) {
    errors.push(field.invalid(specPath.child("leaseDurationSeconds"), seconds, "must be greater than 0"));
  }
  if (transitions !== undefined) errors.push(...nonNegativeErrors(transitions, specPath.child("leaseTransitions")));
  if (spec?.preferredHolder && !spec.strategy) {
    const detail = "may only be specified when `strategy` is defined";
    errors.push(field.forbidden(specPath.child("preferredHolder"), detail));
  }
  return errors;
}
