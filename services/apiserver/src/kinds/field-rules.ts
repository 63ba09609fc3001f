import type { LabelSelector } from "@tskube/api";
import {
  dns1123SubdomainErrors,
  type FieldError,
  field,
  inRangeErrors,
  type LabelSelectorLike,
  nonNegativeErrors,
  type Path,
  percentErrors,
  regexError,
  validateLabelSelector,
} from "@tskube/apimachinery";

/** Checks of single fields that the validators of many kinds share. */

/** A text that must be there and be one of a few. */
export function oneOf(value: string | undefined, allowed: readonly string[], at: Path): FieldError[] {
  if (!value) return [field.required(at)];
  return optionalOneOf(value, allowed, at);
}

/** A text that may be absent. */
export function optionalOneOf(value: string | undefined, allowed: readonly string[], at: Path): FieldError[] {
  if (value === undefined || allowed.includes(value)) return [];
  return [field.notSupported(at, value, allowed)];
}

export function optionalNonNegative(value: number | undefined, at: Path): FieldError[] {
  return value === undefined ? [] : nonNegativeErrors(value, at);
}

/** A text that a validator of names has to agree to; absent and empty texts are left alone. */
export function optionalName(
  value: string | undefined,
  errorsOf: (value: string) => readonly string[],
  at: Path,
): FieldError[] {
  if (!value) return [];
  return errorsOf(value).map((message) => field.invalid(at, value, message));
}

/** A number of things or a percentage of them. */
export function optionalAmount(value: number | string | undefined, at: Path): FieldError[] {
  if (value === undefined) return [];
  if (typeof value === "number") return nonNegativeErrors(value, at);
  return percentErrors(value).map((message) => field.invalid(at, value, message));
}

export function atMostAllErrors(value: number | string | undefined, at: Path): FieldError[] {
  if (typeof value !== "string" || Number(value.slice(0, -1)) <= 100) return [];
  return [field.invalid(at, value, "must not be greater than 100%")];
}

export function inRange(value: number | undefined, min: number, max: number, at: Path): FieldError[] {
  if (value === undefined) return [];
  return inRangeErrors(value, min, max).map((message) => field.invalid(at, value, message));
}

/** A selector that may be absent. */
export function optionalSelector(selector: LabelSelector | undefined, at: Path): FieldError[] {
  return validateLabelSelector(selector as LabelSelectorLike | undefined, at);
}

/** A name below a domain: `example.com/controller`. */
export function domainPathErrors(value: string, at: Path): FieldError[] {
  if (!value) return [field.required(at)];
  const [domain = "", path = ""] = splitOnce(value, "/");
  if (!domain || !path) {
    return [field.invalid(at, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  return [
    ...dns1123SubdomainErrors(domain).map((message) => field.invalid(at, domain, message)),
    ...(/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(path) ? [] : [field.invalid(at, path, pathMessage)]),
  ];
}

const pathMessage = regexError("Invalid path", "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+", "my/path");

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? ["", ""] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** A number that may be absent and else is above zero. */
export function positive(value: number | undefined, at: Path): FieldError[] {
  return value === undefined || value > 0 ? [] : [field.invalid(at, value, "must be greater than zero")];
}
