import { canonicalJson } from "@tskube/apimachinery";
import { isMap, type JsonMap, type Schema } from "./structure.ts";

const unfound = () => undefined;

/** Finds what an item of a list was before: by its keys in a list of type map; items of other lists have no identity. */
export function oldItemFinder(schema: Schema, old: unknown): (item: unknown) => unknown {
  const keys = schema["x-kubernetes-list-map-keys"];
  if (!Array.isArray(old) || schema["x-kubernetes-list-type"] !== "map" || !keys) return unfound;
  let byKeys: Map<string, unknown> | undefined;
  const identityOf = (item: JsonMap) => canonicalJson(keys.map((key) => item[key] ?? null));
  return (item) => {
    if (!isMap(item)) return undefined;
    byKeys ??= new Map(old.filter(isMap).map((one) => [identityOf(one), one]));
    return byKeys.get(identityOf(item));
  };
}
