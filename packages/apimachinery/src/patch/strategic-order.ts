import { isJsonObject, ownField } from "../json.ts";
import { badRequest } from "../status/constructors.ts";
import { deepEqual } from "../values/deep.ts";

/** Tells whether two list items are the same item: equal scalars, or objects with the same value under the merge key. */
export type SameItem = (a: unknown, b: unknown) => boolean;

export function sameItemBy(mergeKey: string | undefined): SameItem {
  if (mergeKey === undefined) return deepEqual;
  return (a, b) => isJsonObject(a) && isJsonObject(b) && deepEqual(ownField(a, mergeKey), ownField(b, mergeKey));
}

function positionIn(list: readonly unknown[], item: unknown, same: SameItem): number {
  return list.findIndex((other) => same(other, item));
}

/**
 * Orders a merged list: items that `wanted` names stand in its order, the others (the server's own) in the order they had,
 * and the two are interleaved by the server's order where it knows both. What the server does not know comes first.
 */
export function orderItems(
  merged: readonly unknown[],
  wanted: readonly unknown[],
  serverOrder: readonly unknown[],
  same: SameItem,
): unknown[] {
  const named = merged.filter((item) => positionIn(wanted, item, same) >= 0);
  const serverOnly = merged.filter((item) => positionIn(wanted, item, same) < 0);
  const by = (order: readonly unknown[]) => (a: unknown, b: unknown) =>
    positionIn(order, a, same) - positionIn(order, b, same);
  return interleave(serverOnly.toSorted(by(serverOrder)), named.toSorted(by(wanted)), (ours, theirs) => {
    const [i, j] = [positionIn(serverOrder, ours, same), positionIn(serverOrder, theirs, same)];
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
export function checkOrder(patchItems: readonly unknown[], order: readonly unknown[], same: SameItem): void {
  let next = 0;
  for (const item of patchItems) {
    const at = order.findIndex((other, i) => i >= next && same(other, item));
    if (at < 0) {
      throw badRequest(
        `The order in patch list:\n${JSON.stringify(patchItems)}\n doesn't match $setElementOrder list:\n${JSON.stringify(order)}\n`,
      );
    }
    next = at + 1;
  }
}
