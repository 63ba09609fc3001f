import { isJsonObject } from "../json.ts";
import { canonicalJson } from "../values/deep.ts";
import { emptySet, type FieldSet } from "./field-set.ts";

/** Sets by the stored JSON they were read from: cached objects are shared, so the same entry is met at every write. */
const parsed = new WeakMap<object, FieldSet>();

/** Deeper than any object of the API; keeps a hostile entry from exhausting the stack. */
const maxDepth = 200;

/**
 * Reads the `fieldsV1` of a managedFields entry and brings its keys into the canonical form. Throws on elements that are none.
 */
export function parseFieldSet(fieldsV1: unknown): FieldSet {
  if (fieldsV1 === undefined || fieldsV1 === null) return emptySet;
  if (!isJsonObject(fieldsV1)) throw new Error("fieldsV1 is not an object");
  const known = parsed.get(fieldsV1);
  if (known) return known;
  const set = normalize(fieldsV1, 0);
  parsed.set(fieldsV1, set);
  return set;
}

function normalize(node: Readonly<Record<string, unknown>>, depth: number): FieldSet {
  if (depth > maxDepth) throw new Error("fieldsV1 is nested too deeply");
  const result: Record<string, FieldSet> = {};
  for (const element of Object.keys(node)) {
    const child = node[element];
    if (!isJsonObject(child)) throw new Error(`fieldsV1 has no object under ${element}`);
    result[normalizeElement(element)] = element === "." ? emptySet : normalize(child, depth + 1);
  }
  return result;
}

function normalizeElement(element: string): string {
  if (element === "." || element.startsWith("f:")) return element;
  const [kind, content] = [element.slice(0, 2), element.slice(2)];
  if (kind !== "k:" && kind !== "v:" && kind !== "i:") throw new Error(`unknown kind of path element: ${element}`);
  return kind + canonicalJson(JSON.parse(content));
}
