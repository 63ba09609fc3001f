import type { TypeName } from "@tskube/apimachinery";
import { type CollectionTag, type Document, parseDocument, type ScalarTag, type Tags } from "yaml";
import { DecodeContext } from "./context.ts";
import { duplicateFields } from "./duplicates.ts";
import { DecodeError, StrictDecodingError } from "./errors.ts";
import { readStruct } from "./reader.ts";

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
  const context = new DecodeContext(fieldValidation !== "Ignore");
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
  if (options.format === "yaml") return parseYaml(text, isStrict);
  return { value: parseJson(text), duplicates: isStrict ? duplicateFields(text) : [] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new DecodeError(message.replace(/^U/, "u"), { cause });
  }
}

/** Version 1.1 as upstream's: `yes` and `on` are booleans, but neither dates nor `80:80` become anything other than text. */
const yamlOptions = {
  version: "1.1",
  logLevel: "error",
  customTags: (tags: Tags): Tags => tags.filter((tag) => typeof tag === "string" || !isForeignToGo(tag)),
} as const;

function isForeignToGo(tag: CollectionTag | ScalarTag): boolean {
  return tag.tag === "tag:yaml.org,2002:timestamp" || ("format" in tag && tag.format === "TIME");
}

/** Anchors a document may use in all, so that a small body cannot grow without limit. */
const maxAliasCount = 100;

function parseYaml(text: string, isStrict: boolean): ParsedBody {
  const document = parseDocument(text, { ...yamlOptions, uniqueKeys: false });
  const error = document.errors[0];
  if (error) throw yamlError(error);
  const value = asJson(document);
  if (!isStrict) return { value, duplicates: [] };
  const strict = parseDocument(text, { ...yamlOptions, uniqueKeys: true });
  return { value, duplicates: strict.errors.map(({ message }) => `yaml: ${message}`) };
}

/** YAML has binary data and odd numbers where JSON has text; the way through JSON settles that. */
function asJson(document: Document): unknown {
  try {
    return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount }) ?? null));
  } catch (error) {
    // An anchor that does not exist, holds itself or is used too often.
    throw yamlError(error);
  }
}

function yamlError(cause: unknown): DecodeError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new DecodeError(`error converting YAML to JSON: yaml: ${message}`, { cause });
}
