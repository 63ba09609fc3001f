import type { TypeName } from "@tskube/apimachinery";
import { DecodeContext } from "./context.ts";
import { duplicateFields } from "./duplicates.ts";
import { DecodeError, StrictDecodingError } from "./errors.ts";
import { readStruct } from "./reader.ts";
import { parseYaml } from "./yaml.ts";

/** What a request wants done about fields that do not exist or stand twice. */
export type FieldValidation = "Ignore" | "Warn" | "Strict";

export interface DecodeOptions {
  readonly fieldValidation?: FieldValidation;
  readonly format?: "json" | "yaml";
}

export interface Decoded {
  readonly object: Record<string, unknown>;
  /** For the response's Warning headers; empty unless the validation is `Warn`. */
  readonly warnings: readonly string[];
}

/** A body as a plain value, before it is read as any type. */
export interface ParsedBody {
  readonly value: unknown;
  /** Keys that stand twice, in upstream's words; only looked for when asked. */
  readonly duplicates: readonly string[];
}

/**
 * Reads a body as a built-in type. Throws `DecodeError` for what is no such type, and with `Strict` `StrictDecodingError` for unknown and
 * duplicate fields. Unknown fields are dropped in any case.
 */
export function decodeObject(type: TypeName, body: string | Uint8Array, options: DecodeOptions = {}): Decoded {
  return readObject(type, parseBody(body, options), options.fieldValidation);
}

/** The second half of `decodeObject`, for callers that had to look at the body first. */
export function readObject(type: TypeName, body: ParsedBody, fieldValidation: FieldValidation = "Ignore"): Decoded {
  return read(type, body, fieldValidation, new DecodeContext(fieldValidation !== "Ignore"));
}

/**
 * Like `readObject`, but with the very fields that were written, empty ones too: what server-side apply makes its manager the owner of.
 * Values are still brought into canonical form.
 */
export function readApplied(type: TypeName, body: ParsedBody, fieldValidation: FieldValidation = "Ignore"): Decoded {
  return read(type, body, fieldValidation, new DecodeContext(fieldValidation !== "Ignore", true));
}

function read(type: TypeName, body: ParsedBody, fieldValidation: FieldValidation, context: DecodeContext): Decoded {
  const object = readStruct(type, body.value, context);
  const errors = fieldValidation === "Ignore" ? [] : [...context.unknownFields, ...body.duplicates];
  if (fieldValidation === "Strict" && errors.length > 0) throw new StrictDecodingError(errors);
  return { object, warnings: errors };
}

/** Brings a value of a built-in type into the form Go would write, as after a patch. Never changes its argument. */
export function normalize(type: TypeName, value: unknown): Record<string, unknown> {
  return readStruct(type, value, new DecodeContext(false));
}

/** Parses a body without reading it as a type. Throws `DecodeError` for broken syntax. */
export function parseBody(body: string | Uint8Array, options: DecodeOptions = {}): ParsedBody {
  const text = typeof body === "string" ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  const isStrict = (options.fieldValidation ?? "Ignore") !== "Ignore";
  if (options.format === "yaml") return (text.startsWith("{") && tryJson(text, isStrict)) || parseYaml(text, isStrict);
  return { value: parseJson(text), duplicates: isStrict ? duplicateFields(text) : [] };
}

/**
 * JSON is YAML too, and what kubectl calls YAML in apply requests is JSON: some eighty times faster to read as such. Undefined for what is not,
 * and for what has duplicate keys to be told of in YAML's words.
 */
function tryJson(text: string, isStrict: boolean): ParsedBody | undefined {
  try {
    const value = parseJson(text);
    return isStrict && duplicateFields(text, 1).length > 0 ? undefined : { value, duplicates: [] };
  } catch {
    return undefined;
  }
}

/** Far above what any object has and far below what recursive readers have stack for. */
const maxDepth = 1000;

/** Whether brackets outside of strings open more than `maxDepth` deep. */
function isTooDeep(text: string): boolean {
  if (text.length <= maxDepth) return false;
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x22) isInString = !isInString;
    else if (isInString) index += code === 0x5c ? 1 : 0;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxDepth) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
}

function parseJson(text: string): unknown {
  if (isTooDeep(text)) throw new DecodeError("exceeded max depth");
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new DecodeError(message.replace(/^U/, "u"), { cause });
  }
}
