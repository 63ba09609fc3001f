import type { CallCost } from "../functions.ts";
import { matching, traversal } from "../interpreter/cost.ts";
import { sizeOf, type Value } from "../values/index.ts";

/** A walk over as many characters as `of` makes of the arguments' sizes. */
export function sizeCost(of: (first: number, second: number) => number, times = 1): CallCost {
  return ([first = null, second = null]) => traversal(of(sizeOf(first), sizeOf(second)), times);
}

/** A walk over the first argument. */
export const walk: CallCost = sizeCost((first) => first);
export const walkTwice: CallCost = sizeCost((first) => first, 2);

/** As many steps as the first argument has elements. */
export const perElement: CallCost = ([list = null]) => sizeOf(list);

export const patternCost: CallCost = ([text = null, pattern = null]) => matching(sizeOf(text), sizeOf(pattern));

export const resultTwice: CallCost = (_args: readonly Value[], result: Value) => traversal(sizeOf(result), 2);

export const fixed =
  (cost: number): CallCost =>
  () =>
    cost;
