import type { Expr, Fold } from "../syntax/ast.ts";
import { ArrayList, EntryMap, EvaluationError, ListValue, MapValue, noOverload, type Value } from "../values/index.ts";
import { GrowingList, GrowingMap } from "./growing.ts";
import type { Frame, Planner, Scope, Step } from "./plan.ts";

/**
 * Plans a loop. A step that fails leaves its failure as the result so far: `exists` may still find what it looks for in another round.
 */
export function planFold(fold: Fold, outer: Scope, planner: Planner): Step {
  // Above all slots in use: a variable that hides an outer one of its name has a slot of its own.
  const accuSlot = Math.max(-1, ...outer.values()) + 1;
  const withAccu = new Map(outer).set(fold.accu, accuSlot);
  const inner = new Map(withAccu).set(fold.variable, accuSlot + 1);
  if (fold.second !== undefined) inner.set(fold.second, accuSlot + 2);
  const range = planner.plan(fold.range, outer);
  const init = planner.plan(fold.init, outer);
  const begin = isEmptyLiteral(fold.init) ? (frame: Frame) => growing(init(frame)) : init;
  const condition = planner.plan(fold.condition, inner);
  const step = planner.plan(fold.step, inner);
  const result = planner.plan(fold.result, withAccu);
  return (frame) => {
    const elements = range(frame);
    frame.locals[accuSlot] = begin(frame);
    for (const [first, second] of rounds(elements, fold.second !== undefined)) {
      frame.locals[accuSlot + 1] = first;
      frame.locals[accuSlot + 2] = second;
      if (condition(frame) !== true) break;
      frame.locals[accuSlot] = attempt(step, frame);
    }
    return settled(result(frame));
  };
}

function attempt(step: Step, frame: Frame): Value | EvaluationError {
  try {
    return step(frame);
  } catch (error) {
    if (error instanceof EvaluationError) return error;
    throw error;
  }
}

function* rounds(range: Value, isPair: boolean): IterableIterator<readonly [Value, Value]> {
  if (range instanceof ListValue) {
    let index = 0n;
    for (const item of range) yield isPair ? [index++, item] : [item, null];
  } else if (range instanceof MapValue) {
    for (const key of range.keys()) yield [key, isPair ? (range.get(key) ?? null) : null];
  } else {
    throw noOverload();
  }
}

/** Only macros begin a loop with such a literal; nobody but the loop's own steps sees the result before the loop ends. */
function isEmptyLiteral(init: Expr): boolean {
  return (init.kind === "list" && init.items.length === 0) || (init.kind === "map" && init.entries.length === 0);
}

function growing(value: Value): Value {
  return value instanceof ListValue ? new GrowingList([]) : new GrowingMap(new Map());
}

function settled(value: Value): Value {
  if (value instanceof GrowingList) return new ArrayList(value.items);
  return value instanceof GrowingMap ? new EntryMap(value.entries) : value;
}
