import { isJsonObject, isList, type JsonObject } from "@tskube/apimachinery";

/** The sections of a version 2 document that other parts of it refer to. */
export const sections = ["definitions", "parameters"] as const;
export type Section = (typeof sections)[number];

/** `definitions/NAME` of a reference within a version 2 document; undefined for any other value. */
export function referenceOf(value: unknown): string | undefined {
  return typeof value === "string" && value.startsWith("#/") ? value.slice(2) : undefined;
}

/** Calls `visit` with every reference in a part of a document. */
export function visitReferences(part: unknown, visit: (reference: string) => void): void {
  if (isList(part)) {
    for (const item of part) visitReferences(item, visit);
  } else if (isJsonObject(part)) {
    for (const [key, value] of Object.entries(part)) {
      const reference = key === "$ref" ? referenceOf(value) : undefined;
      if (reference !== undefined) visit(reference);
      else visitReferences(value, visit);
    }
  }
}

/** A copy of a part whose references are what `change` makes of them. */
export function withReferences(part: unknown, change: (reference: string) => string): unknown {
  if (isList(part)) return part.map((item) => withReferences(item, change));
  if (!isJsonObject(part)) return part;
  const entries = Object.entries(part).map(([key, value]) => {
    const reference = key === "$ref" ? referenceOf(value) : undefined;
    return [key, reference === undefined ? withReferences(value, change) : `#/${change(reference)}`];
  });
  return Object.fromEntries(entries) as JsonObject;
}

/** A field that holds an object; an empty one where it does not. */
export function section(document: JsonObject, name: string): JsonObject {
  const value = Object.hasOwn(document, name) ? document[name] : undefined;
  return isJsonObject(value) ? value : {};
}
