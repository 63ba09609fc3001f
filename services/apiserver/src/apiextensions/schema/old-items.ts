import { deepEqual } from "@tskube/apimachinery";
import { isMap, type Schema } from "./structure.ts";

/** Finds what an item of a list was before: by its keys in a list of type map, by equality in all others. */
export function oldItemFinder(schema: Schema, old: unknown): (item: unknown) => unknown {
  if (!Array.isArray(old)) return () => undefined;
  const keys = schema["x-kubernetes-list-type"] === "map" ? (schema["x-kubernetes-list-map-keys"] ?? []) : undefined;
  if (!keys) return () => undefined;
  return (item) =>
    isMap(item) ? old.find((one) => isMap(one) && keys.every((key) => deepEqual(one[key], item[key]))) : undefined;
}
