import { canonicalJson } from "@tskube/apimachinery";
import type { ListKeys } from "../types.ts";
import { toJson } from "./json.ts";
import { ArrayList, type ListValue, MapValue, type Value } from "./value.ts";

/** What expressions make of lists whose order does not matter is such a list again. */
class KeyedList extends ArrayList {
  readonly #keyedBy: ListKeys;

  constructor(items: Value[], keyedBy: ListKeys) {
    super(items);
    this.#keyedBy = keyedBy;
  }

  override get keyedBy(): ListKeys {
    return this.#keyedBy;
  }
}

function itemKey(item: Value, keyedBy: ListKeys): string {
  if (keyedBy.length === 0) return canonicalJson(toJson(item));
  return canonicalJson(keyedBy.map((name) => (item instanceof MapValue ? toJson(item.get(name) ?? null) : null)));
}

function byKey(list: ListValue, keyedBy: ListKeys): Map<string, Value> {
  return new Map(Array.from(list, (item) => [itemKey(item, keyedBy), item]));
}

/** Whether the lists have the same items, in whatever order. */
export function equalKeyed(
  a: ListValue,
  b: ListValue,
  keyedBy: ListKeys,
  equal: (a: Value, b: Value) => boolean,
): boolean {
  const own = byKey(a, keyedBy);
  return [...b].every((item) => {
    const found = own.get(itemKey(item, keyedBy));
    return found !== undefined && equal(found, item);
  });
}

/** The items of both; where both have one it stays in its place, with the other's value. */
export function joinKeyed(a: ListValue, b: ListValue, keyedBy: ListKeys): ListValue {
  const all = byKey(a, keyedBy);
  for (const [key, item] of byKey(b, keyedBy)) all.set(key, item);
  return new KeyedList([...all.values()], keyedBy);
}
