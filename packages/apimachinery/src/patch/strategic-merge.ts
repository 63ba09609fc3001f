import { isJsonObject, isList, type JsonObject, ownField } from "../json.ts";
import type { FieldSchema, SchemaResolver, TypeName, TypeRef } from "../schema.ts";
import { childOf } from "../schema-fields.ts";
import { badRequest } from "../status/constructors.ts";
import { deepClone, setField } from "../values/deep.ts";
import { unprocessablePatch } from "./json-patch.ts";
import {
  contentOf,
  deletePrefix,
  directiveList,
  orderPrefix,
  patchDirective,
  patchKindOf,
  retainedKeys,
  retainKeysDirective,
  withoutItems,
} from "./strategic-directives.ts";
import { checkOrder, type ItemKey, itemKeyOf, orderItems } from "./strategic-order.ts";

/**
 * Applies a strategic merge patch to an object of type `typeName`: lists merge by their merge key, or as sets, where the
 * schema says so, and directives (`$patch`, `$retainKeys`, `$setElementOrder/…`, `$deleteFromPrimitiveList/…`) say the rest.
 * The result shares nothing with `original` or `patch`.
 */
export function applyStrategicMergePatch(
  schema: SchemaResolver,
  typeName: TypeName,
  original: unknown,
  patch: unknown,
): unknown {
  if (!isJsonObject(patch)) throw badRequest("Invalid JSON document");
  return mergeObjects(schema, { is: "struct", name: typeName }, isJsonObject(original) ? original : {}, patch);
}

function mergeObjects(schema: SchemaResolver, type: TypeRef | undefined, original: JsonObject, patch: JsonObject) {
  const kind = patchKindOf(patch);
  if (kind === "replace") return contentOf(patch);
  if (kind === "delete") return {};
  const result: Record<string, unknown> = {};
  const retained = retainedKeys(patch);
  for (const key of Object.keys(original)) {
    if (!retained || retained.has(key)) setField(result, key, deepClone(original[key]));
  }
  const ordered = mergeOrderedLists(schema, type, result, patch);
  for (const key of Object.keys(patch)) {
    if (key.startsWith(deletePrefix)) deleteItems(result, key, patch);
    else if (!isHandled(key) && !ordered.has(key)) mergeField(schema, type, result, key, patch[key]);
  }
  return result;
}

function isHandled(key: string): boolean {
  return key === patchDirective || key === retainKeysDirective || key.startsWith(orderPrefix);
}

function deleteItems(result: Record<string, unknown>, directive: string, patch: JsonObject): void {
  const field = directive.slice(deletePrefix.length);
  const current = ownField(result, field);
  const unwanted = directiveList(patch, directive, "primitive");
  if (isList(current)) setField(result, field, withoutItems(current, unwanted));
}

/** Merges one field of a patch into `result`, which already holds a copy of the original's. */
function mergeField(
  schema: SchemaResolver,
  type: TypeRef | undefined,
  result: Record<string, unknown>,
  key: string,
  value: unknown,
): void {
  const current = ownField(result, key);
  if (value === null) {
    delete result[key];
  } else if (isJsonObject(value) && isJsonObject(current)) {
    const child = childOf(schema, type, key);
    setField(
      result,
      key,
      isReplaced(child.field) ? contentOf(value) : mergeObjects(schema, child.type, current, value),
    );
  } else if (isList(value) && isList(current)) {
    setField(result, key, mergeListField(schema, type, key, current, value));
  } else if (value !== undefined) {
    setField(result, key, contentOf(value));
  }
}

function isReplaced(field: FieldSchema | undefined): boolean {
  return field?.patchStrategy?.includes("replace") ?? false;
}

/** The list's items' type and merge key if it is one that merges. */
function listRules(schema: SchemaResolver, type: TypeRef | undefined, key: string) {
  const { field, type: listType } = childOf(schema, type, key);
  return {
    isMerged: field?.patchStrategy?.includes("merge") ?? false,
    mergeKey: field?.patchMergeKey,
    items: listType?.is === "list" ? listType.items : undefined,
  };
}

function mergeListField(
  schema: SchemaResolver,
  type: TypeRef | undefined,
  key: string,
  current: readonly unknown[],
  patch: readonly unknown[],
): unknown {
  const { isMerged, mergeKey, items } = listRules(schema, type, key);
  if (!isMerged) return contentOf(patch);
  if (mergeKey === undefined) return mergeScalars(current, patch);
  return mergeByKey(schema, items, current, patch, mergeKey);
}

function mergeScalars(current: readonly unknown[], patch: readonly unknown[]): unknown[] {
  if ([...current, ...patch].some(isList)) throw unprocessablePatch("lists of lists are not supported");
  const merged = [...new Set([...current, ...patch])];
  return orderItems(merged, patch, current, itemKeyOf(undefined));
}

function mergeByKey(
  schema: SchemaResolver,
  items: TypeRef | undefined,
  current: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string,
): unknown {
  const keyOf = itemKeyOf(mergeKey);
  const objects = patch.map((item) => keyed(item, mergeKey));
  if (objects.some((item) => patchKindOf(item) === "replace")) return contentOf(patch);
  const deletions = new Set(objects.filter((item) => patchKindOf(item) === "delete").map(keyOf));
  const merges = objects.filter((item) => patchKindOf(item) === "merge");
  const kept = current.filter((item) => !deletions.has(keyOf(item)));
  return orderItems(mergeItems(schema, items, kept, merges, keyOf), merges, kept, keyOf);
}

function mergeItems(
  schema: SchemaResolver,
  items: TypeRef | undefined,
  current: readonly unknown[],
  patch: readonly JsonObject[],
  keyOf: ItemKey,
): unknown[] {
  const result = [...current];
  const places = new Map<string | undefined, number>();
  result.forEach((item, i) => {
    if (!places.has(keyOf(item))) places.set(keyOf(item), i);
  });
  for (const item of patch) {
    const place = places.get(keyOf(item)) ?? result.length;
    const old = result[place];
    places.set(keyOf(item), place);
    result[place] = isJsonObject(old) ? mergeObjects(schema, items, old, item) : contentOf(item);
  }
  return result;
}

/** An item of a keyed list: an object with the merge key, or one that says to replace the whole list. */
function keyed(item: unknown, mergeKey: string): JsonObject {
  if (!isJsonObject(item)) {
    throw badRequest(`expected a map in a list merged by ${mergeKey}, got ${JSON.stringify(item)}`);
  }
  if (ownField(item, mergeKey) === undefined && patchKindOf(item) !== "replace") {
    throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`);
  }
  return item;
}

/** Merges and orders the lists that come with `$setElementOrder`, and returns the names of their fields. */
function mergeOrderedLists(
  schema: SchemaResolver,
  type: TypeRef | undefined,
  result: Record<string, unknown>,
  patch: JsonObject,
): ReadonlySet<string> {
  const done = new Set<string>();
  for (const directive of Object.keys(patch).filter((key) => key.startsWith(orderPrefix))) {
    const key = directive.slice(orderPrefix.length);
    const order = directiveList(patch, directive, "setElementOrder");
    const [current, sent] = [ownField(result, key), ownField(patch, key)];
    const keyOf = itemKeyOf(listRules(schema, type, key).mergeKey);
    if (isList(sent))
      checkOrder(
        sent.filter((item) => !isDeletionItem(item)),
        order,
        keyOf,
      );
    else if (sent !== undefined) continue;
    const server = isList(current) ? current : [];
    mergeField(schema, type, result, key, sent);
    const merged = ownField(result, key);
    if (isList(merged)) setField(result, key, orderItems(merged, order, server, keyOf));
    done.add(key);
  }
  return done;
}

function isDeletionItem(item: unknown): boolean {
  return isJsonObject(item) && patchKindOf(item) !== "merge";
}
