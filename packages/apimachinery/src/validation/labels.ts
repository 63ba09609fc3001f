import type { LabelSelectorLike, LabelSelectorRequirementLike } from "../selectors/label-selector.ts";
import { byteLength } from "../text/byte-length.ts";
import { type FieldError, forbidden, invalid, required, tooLong } from "./field-error.ts";
import { labelValueErrors, qualifiedNameErrors } from "./names.ts";
import type { Path } from "./path.ts";

export function validateLabelName(name: string, at: Path): FieldError[] {
  return qualifiedNameErrors(name).map((message) => invalid(at, name, message));
}

export function validateLabels(labels: Readonly<Record<string, string>> | undefined, at: Path): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...validateLabelName(key, at),
    ...labelValueErrors(value).map((message) => invalid(at, value, message)),
  ]);
}

/** All keys and values of an object's annotations together may take this many bytes. */
export const maxAnnotationsBytes = 256 * 1024;

/** Keys are checked without regard to case, values only by the size of all together. */
export function validateAnnotations(annotations: Readonly<Record<string, string>> | undefined, at: Path): FieldError[] {
  const entries = Object.entries(annotations ?? {});
  const errors = entries.flatMap(([key]) =>
    qualifiedNameErrors(key.toLowerCase()).map((message) => invalid(at, key, message)),
  );
  const bytes = entries.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0);
  if (bytes > maxAnnotationsBytes) errors.push(tooLong(at, maxAnnotationsBytes));
  return errors;
}

/** A `metav1.LabelSelector`; an absent one is valid. */
export function validateLabelSelector(selector: LabelSelectorLike | undefined, at: Path): FieldError[] {
  if (!selector) return [];
  const expressions = selector.matchExpressions ?? [];
  return [
    ...validateLabels(selector.matchLabels, at.child("matchLabels")),
    ...expressions.flatMap((expression, i) => validateRequirement(expression, at.child("matchExpressions").index(i))),
  ];
}

function validateRequirement(requirement: LabelSelectorRequirementLike, at: Path): FieldError[] {
  const values = requirement.values ?? [];
  return [
    ...operatorErrors(requirement.operator, values.length, at),
    ...validateLabelName(requirement.key, at.child("key")),
    ...values.flatMap((value, i) =>
      labelValueErrors(value).map((message) => invalid(at.child("values").index(i), value, message)),
    ),
  ];
}

function operatorErrors(operator: string, valueCount: number, at: Path): FieldError[] {
  switch (operator) {
    case "In":
    case "NotIn":
      if (valueCount > 0) return [];
      return [required(at.child("values"), "must be specified when `operator` is 'In' or 'NotIn'")];
    case "Exists":
    case "DoesNotExist":
      if (valueCount === 0) return [];
      return [forbidden(at.child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    default:
      return [invalid(at.child("operator"), operator, "not a valid selector operator")];
  }
}
