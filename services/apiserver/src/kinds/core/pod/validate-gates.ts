import type { PodResourceClaim, PodSpec } from "@tskube/api";
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  type FieldError,
  field,
  type Path,
  qualifiedNameErrors,
} from "@tskube/apimachinery";
import { optionalName } from "../../field-rules.ts";

/** What a pod waits for: conditions before it is ready, gates before it is scheduled, devices before it runs. */
export function validateGates(spec: PodSpec, at: Path): FieldError[] {
  const { readinessGates = [], schedulingGates = [], resourceClaims = [] } = spec;
  const seen = new Set<string>();
  return [
    ...resourceClaims.flatMap((claim, index) => claimErrors(claim, resourceClaims.slice(0, index), at, index)),
    ...readinessGates.flatMap(({ conditionType }, index) => {
      const path = at.child("readinessGates").index(index).child("conditionType");
      return qualifiedNameErrors(conditionType).map((message) => field.invalid(path, conditionType, message));
    }),
    ...schedulingGates.flatMap(({ name }, index) => {
      const path = at.child("schedulingGates").index(index);
      const errors = qualifiedNameErrors(name).map((message) => field.invalid(path, name, message));
      if (seen.has(name)) errors.push(field.duplicate(path, name));
      seen.add(name);
      return errors;
    }),
  ];
}

function claimErrors(
  claim: PodResourceClaim,
  before: readonly PodResourceClaim[],
  at: Path,
  index: number,
): FieldError[] {
  const path = at.child("resourceClaims").index(index);
  const { name, resourceClaimName, resourceClaimTemplateName } = claim;
  const errors: FieldError[] = [];
  if (!name) errors.push(field.required(path.child("name")));
  else if (before.some((one) => one.name === name)) errors.push(field.duplicate(path.child("name"), name));
  else errors.push(...optionalName(name, dns1123LabelErrors, path.child("name")));
  if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
    const detail = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified";
    errors.push(field.invalid(path, claim, detail));
  }
  if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
    errors.push(field.invalid(path, claim, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"));
  }
  for (const [key, value] of Object.entries({ resourceClaimName, resourceClaimTemplateName })) {
    if (value === undefined) continue;
    errors.push(...dns1123SubdomainErrors(value).map((message) => field.invalid(path.child(key), value, message)));
  }
  return errors;
}
