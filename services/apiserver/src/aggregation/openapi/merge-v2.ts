import { deepEqual, type JsonObject } from "@tskube/apimachinery";
import { type Section, section, sections, visitReferences, withReferences } from "./references.ts";

/** What a version 2 document says of the paths below `prefix`, with all that these refer to. */
export function partBelow(document: JsonObject, prefix: string): JsonObject {
  const paths = Object.fromEntries(
    Object.entries(section(document, "paths")).filter(([path]) => path === prefix || path.startsWith(`${prefix}/`)),
  );
  const needed = new Map<string, unknown>();
  const visit = (reference: string) => {
    const [name = "", ...rest] = reference.split("/");
    const found = needed.has(reference) ? undefined : section(document, name)[rest.join("/")];
    if (found === undefined) return;
    needed.set(reference, found);
    visitReferences(found, visit);
  };
  visitReferences(paths, visit);
  const kept = sections.map((name) => {
    const start = `${name}/`;
    const own = [...needed].filter(([reference]) => reference.startsWith(start));
    return [name, Object.fromEntries(own.map(([reference, value]) => [reference.slice(start.length), value]))];
  });
  return { paths, ...Object.fromEntries(kept) };
}

/**
 * A version 2 document with the parts of others. Paths that it has stay as they are; of two different definitions with one name, the second gets
 * another name.
 */
export function mergeV2(base: JsonObject, parts: readonly JsonObject[]): JsonObject {
  return parts.reduce<JsonObject>(mergeOne, base);
}

function mergeOne(base: JsonObject, part: JsonObject): JsonObject {
  const names = new Map<string, string>();
  for (const name of sections) planNames(base, part, name, names);
  const renamed = names.size === 0 ? part : renameIn(part, names);
  const merged: Record<string, unknown> = {
    ...base,
    paths: { ...section(renamed, "paths"), ...section(base, "paths") },
  };
  for (const name of sections) {
    const own = section(renamed, name);
    if (Object.keys(own).length > 0) merged[name] = { ...own, ...section(base, name) };
  }
  return merged;
}

/** Finds the names that mean something else in the base already: `NAME` becomes `NAME_v2`, or whatever number is free. */
function planNames(base: JsonObject, part: JsonObject, name: Section, names: Map<string, string>): void {
  const [theirs, ours] = [section(part, name), section(base, name)];
  for (const [key, value] of Object.entries(theirs)) {
    if (!Object.hasOwn(ours, key) || deepEqual(ours[key], value)) continue;
    let free = 2;
    while (Object.hasOwn(ours, `${key}_v${free}`) || Object.hasOwn(theirs, `${key}_v${free}`)) free++;
    names.set(`${name}/${key}`, `${name}/${key}_v${free}`);
  }
}

function renameIn(part: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  const changed = withReferences(part, (reference) => names.get(reference) ?? reference) as JsonObject;
  const moved = sections.map((name) => {
    const entries = Object.entries(section(changed, name));
    const keyOf = (key: string) => names.get(`${name}/${key}`)?.slice(name.length + 1) ?? key;
    return [name, Object.fromEntries(entries.map(([key, value]) => [keyOf(key), value]))];
  });
  return { ...changed, ...Object.fromEntries(moved) };
}
