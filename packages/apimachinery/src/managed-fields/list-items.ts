import type { ListShape } from "./shape.ts";

/** A list's items by their path element, in order. Several stand under one element only if the list has duplicates. */
export function itemsByElement(shape: ListShape, list: readonly unknown[]): Map<string, unknown[]> {
  const items = new Map<string, unknown[]>();
  for (let i = 0; i < list.length; i++) {
    // What cannot be identified is known by its place, so that nothing of it is lost.
    const element = shape.element(list[i]) ?? `i:${i}`;
    const same = items.get(element);
    if (same) same.push(list[i]);
    else items.set(element, [list[i]]);
  }
  return items;
}
