import type { PersistentVolumeClaim } from "@tskube/api";
import {
  compareQuantities,
  deepEqual,
  dns1123SubdomainErrors,
  type FieldError,
  field,
  Path,
  parseQuantity,
  validateImmutable,
} from "@tskube/apimachinery";
import { optionalName, optionalOneOf, optionalSelector } from "../field-rules.ts";
import { accessModeErrors, volumeModes } from "./access-modes.ts";
import { claimSpecDiff } from "./claim-diff.ts";

const specPath = Path.of("spec");

export function validateClaim({ spec }: PersistentVolumeClaim): FieldError[] {
  return validateClaimSpec(spec, specPath);
}

/** What is wrong with a claim's spec, of its own or in a template. */
export function validateClaimSpec(spec: PersistentVolumeClaim["spec"], at: Path): FieldError[] {
  const { accessModes, selector, resources, volumeName, storageClassName, volumeMode } = spec ?? {};
  return [
    ...accessModeErrors(accessModes, at.child("accessModes")),
    ...optionalSelector(selector, at.child("selector")),
    ...sizeErrors(resources?.requests?.["storage"], at),
    ...optionalName(volumeName, dns1123SubdomainErrors, at.child("volumeName")),
    ...optionalName(storageClassName, dns1123SubdomainErrors, at.child("storageClassName")),
    ...optionalOneOf(volumeMode, volumeModes, at.child("volumeMode")),
  ];
}

function sizeErrors(size: string | undefined, at: Path): FieldError[] {
  const path = at.child("resources");
  if (size === undefined) return [field.required(path.key("storage"))];
  if (parseQuantity(size).nanos > 0n) return [];
  return [field.invalid(path.child("requests").key("storage"), size, "must be greater than zero")];
}

/** A claim is bound to a volume by what it says: nearly all of it stays. A bound one may grow. */
export function validateClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const errors = validateClaim(claim);
  const [spec = {}, before = {}] = [claim.spec, old.spec];
  const isBound = old.status?.phase === "Bound";
  const kept = {
    ...spec,
    // The binder names the volume once; a claim made before there was a default class may still be given one.
    ...(!before.volumeName && { volumeName: before.volumeName }),
    ...(before.storageClassName === undefined && { storageClassName: undefined }),
    ...(isBound && { resources: before.resources, volumeAttributesClassName: before.volumeAttributesClassName }),
  };
  if (!deepEqual(kept, before)) {
    const detail =
      "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
    errors.push(field.forbidden(specPath, `${detail}\n${claimSpecDiff(before, kept)}`));
  }
  const [size, asked] = [spec.resources?.requests?.["storage"], before.resources?.requests?.["storage"]];
  const capacity = old.status?.capacity?.["storage"] ?? asked;
  if (size && asked && capacity && isLess(size, asked) && isLess(size, capacity)) {
    errors.push(
      field.forbidden(specPath.child("resources", "requests", "storage"), "field can not be less than status.capacity"),
    );
  }
  return [...errors, ...validateImmutable(spec.volumeMode, before.volumeMode, specPath.child("volumeMode"))];
}

function isLess(a: string, b: string): boolean {
  return compareQuantities(parseQuantity(a), parseQuantity(b)) < 0;
}
