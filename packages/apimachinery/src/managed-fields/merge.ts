import { isJsonObject, isList, type JsonObject } from "../json.ts";
import { deepClone, setField } from "../values/deep.ts";
import { itemsByElement } from "./list-items.ts";
import { type ListShape, type ObjectShape, resolveShape, type Shape } from "./shape.ts";

/** The live object with what is applied put over it; shares nothing with either. A null that is applied removes. */
export function merge(shape: Shape, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return deepClone(live);
  if (applied === null) return undefined;
  const resolved = resolveShape(shape, live, applied);
  if (resolved.kind === "object" && isJsonObject(applied)) {
    return mergeFields(resolved, isJsonObject(live) ? live : {}, applied);
  }
  if (resolved.kind === "list" && isList(applied)) return mergeItems(resolved, isList(live) ? live : [], applied);
  return deepClone(applied);
}

function mergeFields(shape: ObjectShape, live: JsonObject, applied: JsonObject): JsonObject {
  const result: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(live), ...Object.keys(applied)])) {
    const ours = Object.hasOwn(live, name) ? live[name] : undefined;
    const theirs = Object.hasOwn(applied, name) ? applied[name] : undefined;
    const child = shape.child(name);
    const value = child ? merge(child, ours, theirs) : deepClone(theirs ?? ours);
    if (value !== undefined) setField(result, name, value);
  }
  return result;
}

/** Items in the order applied; those only the live list has keep their place before the next one that both have. */
function mergeItems(shape: ListShape, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const ours = [...itemsByElement(shape, live)];
  const liveItems = new Map(ours);
  const theirs = itemsByElement(shape, applied);
  const done = new Set<string>();
  const result: unknown[] = [];
  let next = 0;
  const takeLiveOnly = () => {
    for (; next < ours.length; next++) {
      const [element, items] = ours[next] ?? ["", []];
      if (!theirs.has(element)) result.push(...items.map(deepClone));
      else if (!done.has(element)) return;
    }
  };
  takeLiveOnly();
  for (const [element, items] of theirs) {
    result.push(...mergeItem(shape, liveItems.get(element) ?? [], items));
    done.add(element);
    takeLiveOnly();
  }
  return result;
}

function mergeItem(shape: ListShape, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  if (applied.length !== 1 || live.length > 1) return applied.map(deepClone);
  return [merge(shape.items, live[0], applied[0])];
}
