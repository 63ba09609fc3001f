import { errorMessage } from "@tskube/base";
import { goQuote } from "../text/go-quote.ts";
import type { Path } from "./path.ts";

/** What is wrong, with the words that stand in messages. The names double as cause types in a Status. */
const words = {
  FieldValueNotFound: "Not found",
  FieldValueRequired: "Required value",
  FieldValueDuplicate: "Duplicate value",
  FieldValueInvalid: "Invalid value",
  FieldValueNotSupported: "Unsupported value",
  FieldValueForbidden: "Forbidden",
  FieldValueTooLong: "Too long",
  FieldValueTooMany: "Too many",
  InternalError: "Internal error",
  FieldValueTypeInvalid: "Invalid value",
} as const;

export type FieldErrorType = keyof typeof words;

/** One thing wrong with one field of a submitted object. Validators return lists of them; they are values, never thrown. */
export interface FieldError {
  readonly type: FieldErrorType;
  readonly field: string;
  /** Rendered into the message of those types that show a value. */
  readonly badValue?: unknown;
  readonly detail: string;
}

/** Where the error is; undefined stands for the value as a whole, whose path upstream prints as `<nil>`. */
type At = Path | undefined;

function make(type: FieldErrorType, at: At, detail: string, badValue?: unknown): FieldError {
  return { type, field: at?.toString() ?? "<nil>", badValue, detail };
}

/** Types whose message never shows the value. */
const valueless: ReadonlySet<FieldErrorType> = new Set<FieldErrorType>([
  "FieldValueRequired",
  "FieldValueForbidden",
  "FieldValueTooLong",
  "InternalError",
]);

/** Stands for a value that is known to be wrong but not to be shown. */
/** In place of a value that the message is not to show. */
export const omitted: unique symbol = Symbol("omitted");

export function required(at: At, detail = ""): FieldError {
  return make("FieldValueRequired", at, detail);
}

export function invalid(at: At, value: unknown, detail: string): FieldError {
  return make("FieldValueInvalid", at, detail, value);
}

export function typeInvalid(at: At, value: unknown, detail: string): FieldError {
  return make("FieldValueTypeInvalid", at, detail, value);
}

export function duplicate(at: At, value: unknown): FieldError {
  return make("FieldValueDuplicate", at, "", value);
}

/** A value that names something which does not exist. */
export function notFound(at: At, value: unknown): FieldError {
  return make("FieldValueNotFound", at, "", value);
}

/** Lists `supported` in the order given; upstream passes them sorted. */
export function notSupported(at: At, value: unknown, supported: readonly string[]): FieldError {
  const detail = supported.length === 0 ? "" : `supported values: ${supported.map(goQuote).join(", ")}`;
  return make("FieldValueNotSupported", at, detail, value);
}

export function forbidden(at: At, detail: string): FieldError {
  return make("FieldValueForbidden", at, detail);
}

export function tooLong(at: At, maxBytes: number): FieldError {
  return make("FieldValueTooLong", at, `may not be more than ${maxBytes} ${maxBytes === 1 ? "byte" : "bytes"}`);
}

/** `actual` is the number of items found; a negative one is not shown. */
export function tooMany(at: At, actual: number, max: number): FieldError {
  const detail = `must have at most ${max} ${max === 1 ? "item" : "items"}`;
  return make("FieldValueTooMany", at, detail, actual < 0 ? omitted : actual);
}

/** Validation itself failed, through no fault of the user's. */
export function internal(at: At, error: unknown): FieldError {
  return make("InternalError", at, errorMessage(error));
}

/** The message without the field: `Invalid value: "x": must be y`. */
export function fieldErrorBody(error: FieldError): string {
  const word = words[error.type];
  const showsValue = !valueless.has(error.type) && error.badValue !== omitted;
  const body = showsValue ? `${word}: ${showValue(error.badValue)}` : word;
  return error.detail === "" ? body : `${body}: ${error.detail}`;
}

function showValue(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return goQuote(value);
  if (value instanceof Uint8Array) return goBytes(value);
  if (typeof value === "object") return JSON.stringify(value);
  // Stands for Go's unsigned numbers, which are shown in hexadecimal.
  if (typeof value === "bigint") return `0x${value.toString(16)}`;
  return String(value);
}

/** As Go's `%#v` shows bytes. */
function goBytes(bytes: Uint8Array): string {
  if (bytes.byteLength === 0) return "[]byte(nil)";
  return `[]byte{${Array.from(bytes, (byte) => `0x${byte.toString(16)}`).join(", ")}}`;
}

/** `spec.replicas: Invalid value: -1: must be greater than or equal to 0`. */
export function fieldErrorMessage(error: FieldError): string {
  return `${error.field}: ${fieldErrorBody(error)}`;
}

/** The messages without repetitions: one alone, several as `[a, b]`, none as empty text. */
export function aggregateMessage(errors: readonly FieldError[]): string {
  const messages = [...new Set(errors.map(fieldErrorMessage))];
  return messages.length > 1 ? `[${messages.join(", ")}]` : (messages[0] ?? "");
}
