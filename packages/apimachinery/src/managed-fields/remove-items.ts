import { isJsonObject, isList, type JsonObject } from "../json.ts";
import { setField } from "../values/deep.ts";
import { emptySet, type FieldSet, isEmptySet, isMemberNode } from "./field-set.ts";
import { type ListShape, type ObjectShape, resolveShape, type Shape } from "./shape.ts";

/**
 * The value without the fields and list items in `set`. Containers that this empties go too; what is owned as a whole is not
 * looked into. Shares what is unchanged with `value`.
 */
export function removeItems(shape: Shape, value: unknown, set: FieldSet): unknown {
  if (isEmptySet(set)) return value;
  const resolved = resolveShape(shape, value);
  if (resolved.kind === "object" && isJsonObject(value)) return removeFields(resolved, value, set);
  if (resolved.kind === "list" && isList(value)) return removeListItems(resolved, value, set);
  return value;
}

function removeFields(shape: ObjectShape, value: JsonObject, set: FieldSet): unknown {
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const node = set[`f:${name}`];
    const child = shape.child(name);
    const kept = child && node ? removeBelow(child, value[name], node) : value[name];
    if (kept !== undefined) setField(result, name, kept);
  }
  return Object.keys(result).length === 0 && Object.keys(value).length > 0 ? undefined : result;
}

function removeListItems(shape: ListShape, list: readonly unknown[], set: FieldSet): unknown {
  const kept = list.flatMap((item, i) => {
    const node = set[shape.element(item) ?? `i:${i}`];
    const left = node ? removeBelow(shape.items, item, node) : item;
    return left === undefined ? [] : [left];
  });
  return kept.length === 0 && list.length > 0 ? undefined : kept;
}

function removeBelow(shape: Shape, value: unknown, node: FieldSet): unknown {
  return isMemberNode(node) ? undefined : removeItems(shape, value, node);
}

/** The set with every struct field it leads through as a member too: who owns a field's content owns the field. */
export function withNamedFields(shape: Shape | undefined, set: FieldSet): FieldSet {
  const result: Record<string, FieldSet> = {};
  for (const element in set) {
    const node = set[element] ?? emptySet;
    if (element === "." || isEmptySet(node)) {
      result[element] = node;
      continue;
    }
    const name = element.startsWith("f:") ? element.slice(2) : undefined;
    const child = childShape(shape, name);
    const below = withNamedFields(child, node);
    const isNamed = name !== undefined && shape?.kind === "object" && shape.isNamed(name);
    result[element] = isNamed ? { ...below, ".": emptySet } : below;
  }
  return result;
}

function childShape(shape: Shape | undefined, name: string | undefined): Shape | undefined {
  if (shape?.kind === "list") return name === undefined ? shape.items : undefined;
  return shape?.kind === "object" && name !== undefined ? shape.child(name) : undefined;
}
