import { canonicalJson, type FieldError, field } from "@tskube/apimachinery";
import { type At, childAt, indexAt } from "./path-at.ts";
import { childOf, isMap, itemsOf, type Schema } from "./structure.ts";

/** Items that stand twice in lists of type set or map. */
export function duplicateItems(value: unknown, schema: Schema, at?: At): FieldError[] {
  if (Array.isArray(value)) {
    const items = itemsOf(schema) ?? {};
    return [
      ...ownDuplicates(value, schema, at),
      ...value.flatMap((item, index) => duplicateItems(item, items, indexAt(at, index))),
    ];
  }
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const child = childOf(schema, name);
    return child ? duplicateItems(item, child, childAt(at, name)) : [];
  });
}

function ownDuplicates(list: readonly unknown[], schema: Schema, at: At): FieldError[] {
  const type = schema["x-kubernetes-list-type"];
  if (type !== "set" && type !== "map") return [];
  const seen = new Map<string, boolean>();
  const errors: FieldError[] = [];
  list.forEach((item, index) => {
    const identity = type === "set" ? item : keysOf(item, schema);
    const text = canonicalJson(identity);
    const isTold = seen.get(text);
    if (isTold === false) errors.push(field.duplicate(indexAt(at, index), identity));
    seen.set(text, isTold !== undefined);
  });
  return errors;
}

function keysOf(item: unknown, schema: Schema): unknown {
  if (!isMap(item)) return item;
  const names = schema["x-kubernetes-list-map-keys"] ?? [];
  return Object.fromEntries(names.filter((name) => Object.hasOwn(item, name)).map((name) => [name, item[name]]));
}
