import { isJsonObject, isList } from "../json.ts";
import type { SchemaResolver, TypeName } from "../schema.ts";
import { type FieldSet, insertPath, type MutableFieldSet } from "./field-set.ts";
import { itemsByElement } from "./list-items.ts";
import { type ListShape, type ObjectShape, resolveShape, type Shape, shapeOfObject } from "./shape.ts";

/** The fields that an object sets: what its author owns when applying it. Fields unknown to the schema are left out. */
export function extractFieldSet(schema: SchemaResolver, typeName: TypeName, object: unknown): FieldSet {
  return extract(shapeOfObject(schema, typeName), object);
}

export function extract(shape: Shape, object: unknown): FieldSet {
  const set: MutableFieldSet = {};
  visit(set, [], shape, object);
  return set;
}

function visit(set: MutableFieldSet, path: string[], shape: Shape, value: unknown): void {
  const resolved = resolveShape(shape, value);
  if (resolved.kind === "leaf") insertPath(set, path);
  else if (resolved.kind === "object" && isJsonObject(value)) visitFields(set, path, resolved, value);
  else if (resolved.kind === "list" && isList(value)) visitItems(set, path, resolved, value);
}

function visitFields(
  set: MutableFieldSet,
  path: string[],
  shape: ObjectShape,
  value: Readonly<Record<string, unknown>>,
): void {
  for (const name of Object.keys(value)) {
    const child = shape.child(name);
    const field = value[name];
    if (!child || field === undefined) continue;
    path.push(`f:${name}`);
    visit(set, path, child, field);
    if (!shape.isNamed(name) || isNothing(field)) insertPath(set, path);
    path.pop();
  }
}

/** Null and the empty object have no leaves of their own, yet setting them is a statement. */
function isNothing(value: unknown): boolean {
  return value === null || (isJsonObject(value) && Object.keys(value).length === 0);
}

function visitItems(set: MutableFieldSet, path: string[], shape: ListShape, list: readonly unknown[]): void {
  for (const [element, items] of itemsByElement(shape, list)) {
    path.push(element);
    // Duplicates are owned together, for their fields cannot be told apart.
    if (items.length === 1) visit(set, path, shape.items, items[0]);
    insertPath(set, path);
    path.pop();
  }
}
