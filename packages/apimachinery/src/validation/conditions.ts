import type { ConditionLike } from "../meta/conditions.ts";
import { byteLength } from "../text/byte-length.ts";
import { duplicate, type FieldError, invalid, notSupported, required, tooLong } from "./field-error.ts";
import { validateLabelName } from "./labels.ts";
import type { Path } from "./path.ts";
import { regexError } from "./wording.ts";

const statuses = ["False", "True", "Unknown"];
const maxReasonBytes = 1024;
const maxMessageBytes = 32 * 1024;

const reasonFormat = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?";
const reasonPattern = new RegExp(`^${reasonFormat}$`);
const reasonMessage =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'";
const reasonExamples = ["my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB"];

/** Checks a list of `metav1.Condition`; each type may stand in it once. */
export function validateConditions(
  conditions: readonly (ConditionLike & { readonly observedGeneration?: number })[],
  at: Path,
): FieldError[] {
  const seen = new Set<string>();
  return conditions.flatMap((condition, i) => {
    const repeated = seen.has(condition.type) ? [duplicate(at.index(i).child("type"), condition.type)] : [];
    seen.add(condition.type);
    return [...repeated, ...conditionErrors(condition, at.index(i))];
  });
}

function conditionErrors(condition: ConditionLike & { readonly observedGeneration?: number }, at: Path): FieldError[] {
  const { type, status, observedGeneration = 0, lastTransitionTime, reason = "", message = "" } = condition;
  const errors = validateLabelName(type, at.child("type"));
  if (!statuses.includes(status)) errors.push(notSupported(at.child("status"), status, statuses));
  if (observedGeneration < 0) {
    errors.push(invalid(at.child("observedGeneration"), observedGeneration, "must be greater than or equal to zero"));
  }
  if (!lastTransitionTime) errors.push(required(at.child("lastTransitionTime"), "must be set"));
  errors.push(...reasonErrors(reason, at.child("reason")));
  if (byteLength(message) > maxMessageBytes) errors.push(tooLong(at.child("message"), maxMessageBytes));
  return errors;
}

function reasonErrors(reason: string, at: Path): FieldError[] {
  if (reason === "") return [required(at, "must be set")];
  const errors: FieldError[] = [];
  if (!reasonPattern.test(reason)) {
    errors.push(invalid(at, reason, regexError(reasonMessage, reasonFormat, ...reasonExamples)));
  }
  if (byteLength(reason) > maxReasonBytes) errors.push(tooLong(at, maxReasonBytes));
  return errors;
}
