import { isJsonObject, ownField } from "../json.ts";
import { badRequest } from "../status/constructors.ts";
import { canonicalJson } from "../values/deep.ts";

/** What identifies a list item: a scalar's own text, or that of the value under the merge key. Undefined for what has none. */
export type ItemKey = (item: unknown) => string | undefined;

export function itemKeyOf(mergeKey: string | undefined): ItemKey {
  if (mergeKey === undefined) return canonicalJson;
  return (item) => {
    const value = isJsonObject(item) ? ownField(item, mergeKey) : undefined;
    return value === undefined ? undefined : canonicalJson(value);
  };
}

/** The place of each item's first occurrence; -1 for what is not in the list. */
function placesIn(list: readonly unknown[], keyOf: ItemKey): (item: unknown) => number {
  const places = new Map<string, number>();
  list.forEach((item, i) => {
    const key = keyOf(item);
    if (key !== undefined && !places.has(key)) places.set(key, i);
  });
  return (item) => places.get(keyOf(item) ?? "") ?? -1;
}

/**
 * Orders a merged list: items that `wanted` names stand in its order, the others (the server's own) in the order they had,
 * and the two are interleaved by the server's order where it knows both. What the server does not know comes first.
 */
export function orderItems(
  merged: readonly unknown[],
  wanted: readonly unknown[],
  serverOrder: readonly unknown[],
  keyOf: ItemKey,
): unknown[] {
  const [wantedPlace, serverPlace] = [placesIn(wanted, keyOf), placesIn(serverOrder, keyOf)];
  const by = (place: (item: unknown) => number) => (a: unknown, b: unknown) => place(a) - place(b);
  const named = merged.filter((item) => wantedPlace(item) >= 0).sort(by(wantedPlace));
  const serverOnly = merged.filter((item) => wantedPlace(item) < 0).sort(by(serverPlace));
  return interleave(serverOnly, named, (ours, theirs) => {
    const [i, j] = [serverPlace(ours), serverPlace(theirs)];
    return i >= 0 && j >= 0 && i < j;
  });
}

/** Merges two lists, taking from the first only while its next item surely comes before that of the second. */
function interleave(
  first: readonly unknown[],
  second: readonly unknown[],
  isBefore: (a: unknown, b: unknown) => boolean,
): unknown[] {
  const result: unknown[] = [];
  let i = 0;
  let j = 0;
  while (i < first.length && j < second.length) {
    result.push(isBefore(first[i], second[j]) ? first[i++] : second[j++]);
  }
  return [...result, ...first.slice(i), ...second.slice(j)];
}

/** The items a patch sends must stand in the order that its `$setElementOrder` gives. */
export function checkOrder(patchItems: readonly unknown[], order: readonly unknown[], keyOf: ItemKey): void {
  const place = placesIn(order, keyOf);
  let last = -1;
  for (const item of patchItems) {
    const at = place(item);
    if (at <= last) {
      throw badRequest(
        `The order in patch list:\n${JSON.stringify(patchItems)}\n doesn't match $setElementOrder list:\n${JSON.stringify(order)}\n`,
      );
    }
    last = at;
  }
}
