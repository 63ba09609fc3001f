import { isJsonObject, isList, type JsonObject } from "../json.ts";
import { deepEqual } from "../values/deep.ts";
import { type FieldSet, insertPath, isEmptySet, type MutableFieldSet, recursiveDifference } from "./field-set.ts";
import { itemsByElement } from "./list-items.ts";
import { type ListShape, type ObjectShape, resolveShape, type Shape } from "./shape.ts";

/** What became of an object's fields between two states of it. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

interface Walk {
  readonly added: MutableFieldSet;
  readonly modified: MutableFieldSet;
  readonly removed: MutableFieldSet;
  readonly path: string[];
}

export function compare(shape: Shape, old: unknown, next: unknown): Comparison {
  const walk: Walk = { added: {}, modified: {}, removed: {}, path: [] };
  visit(walk, shape, old, next);
  return { added: walk.added, modified: walk.modified, removed: walk.removed };
}

/** The comparison without what lies at or below the members of `ignored`. */
export function without(comparison: Comparison, ignored: FieldSet | undefined): Comparison {
  if (!ignored) return comparison;
  return {
    added: recursiveDifference(comparison.added, ignored),
    modified: recursiveDifference(comparison.modified, ignored),
    removed: recursiveDifference(comparison.removed, ignored),
  };
}

export function isSame({ added, modified, removed }: Comparison): boolean {
  return isEmptySet(added) && isEmptySet(modified) && isEmptySet(removed);
}

function visit(walk: Walk, shape: Shape, old: unknown, next: unknown): void {
  if (old === next) return;
  const [before, after] = [old ?? undefined, next ?? undefined];
  if (before === undefined && after === undefined) return;
  const resolved = resolveShape(shape, before, after);
  if (resolved.kind === "leaf" || (isEmptyValue(before) && isEmptyValue(after))) {
    record(walk, before, after);
    return;
  }
  if (resolved.kind === "object") visitFields(walk, resolved, asObject(before), asObject(after));
  else visitItems(walk, resolved, asList(before), asList(after));
  if (before === undefined || after === undefined) record(walk, before, after);
}

function record({ added, modified, removed, path }: Walk, before: unknown, after: unknown): void {
  if (path.length === 0) return;
  if (before === undefined) insertPath(added, path);
  else if (after === undefined) insertPath(removed, path);
  else if (!deepEqual(before, after)) insertPath(modified, path);
}

/** Empty containers count as leaves, so that an empty one and an absent one differ. */
function isEmptyValue(value: unknown): boolean {
  if (value === undefined) return true;
  if (isList(value)) return value.length === 0;
  if (!isJsonObject(value)) return false;
  for (const _ in value) return false;
  return true;
}

const noFields: JsonObject = Object.freeze({});
const noItems: readonly unknown[] = Object.freeze([]);

function asObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : noFields;
}

function asList(value: unknown): readonly unknown[] {
  return isList(value) ? value : noItems;
}

function visitFields(walk: Walk, shape: ObjectShape, old: JsonObject, next: JsonObject): void {
  for (const name of Object.keys(old)) visitField(walk, shape, name, old, next);
  for (const name of Object.keys(next)) if (!Object.hasOwn(old, name)) visitField(walk, shape, name, old, next);
}

function visitField(walk: Walk, shape: ObjectShape, name: string, old: JsonObject, next: JsonObject): void {
  if (old[name] === next[name]) return;
  const child = shape.child(name);
  if (child) descend(walk, `f:${name}`, child, fieldOf(shape, old, name), fieldOf(shape, next, name));
}

/** A struct that Go always writes is there, empty, wherever the object around it is: it is neither added nor removed. */
function fieldOf(shape: ObjectShape, object: JsonObject, name: string): unknown {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return value ?? (object === noFields ? undefined : shape.zero(name));
}

function descend(walk: Walk, element: string, shape: Shape, old: unknown, next: unknown): void {
  walk.path.push(element);
  visit(walk, shape, old, next);
  walk.path.pop();
}

function visitItems(walk: Walk, shape: ListShape, old: readonly unknown[], next: readonly unknown[]): void {
  const before = itemsByElement(shape, old);
  const after = itemsByElement(shape, next);
  for (const element of new Set([...before.keys(), ...after.keys()])) {
    visitItem(walk, shape, element, before.get(element) ?? [], after.get(element) ?? []);
  }
}

function visitItem(
  walk: Walk,
  shape: ListShape,
  element: string,
  before: readonly unknown[],
  after: readonly unknown[],
): void {
  if (before.length <= 1 && after.length <= 1) {
    descend(walk, element, shape.items, before[0], after[0]);
    return;
  }
  // Duplicates cannot be told apart, so they are compared as one value.
  walk.path.push(element);
  record(walk, before.length === 0 ? undefined : before, after.length === 0 ? undefined : after);
  walk.path.pop();
}
