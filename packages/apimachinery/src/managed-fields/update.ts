import { isJsonObject, type JsonObject } from "../json.ts";
import type { ManagedFieldsEntry, ObjectLike } from "../meta/object-meta.ts";
import { formatTime } from "../values/time.ts";
import { difference, isEmptySet, union } from "./field-set.ts";
import {
  capUpdateManagers,
  decodeManagers,
  encodeManagers,
  identityOf,
  type Manager,
  type Managers,
} from "./managers.ts";
import { surrenderFields, VersionedComparison } from "./ownership.ts";
import { type FieldManagementScope, unownedFields } from "./scope.ts";

export interface Writer {
  /** The field manager the request names, or the first word of its user agent. */
  readonly manager: string;
  readonly nowMs: number;
}

/**
 * The managedFields of `next`, which is about to replace `old` by other means than apply: the writer comes to own what it
 * changed, and all others lose it. `old` is absent on creation. Undefined means that the object is not tracked.
 */
export function updateManagedFields(
  scope: FieldManagementScope,
  old: ObjectLike | undefined,
  next: ObjectLike,
  writer: Writer,
): readonly ManagedFieldsEntry[] | undefined {
  const managers = managersOfWrite(scope, old, next);
  // An object that lost its book keeping, or never had any, is left alone until it is applied.
  if (managers.size === 0 && old?.metadata?.uid) return undefined;
  return entriesOf(capUpdateManagers(recordUpdate(scope, managers, old, next, writer)));
}

export function entriesOf(managers: Managers): readonly ManagedFieldsEntry[] | undefined {
  const entries = encodeManagers(managers);
  return entries.length === 0 ? undefined : entries;
}

/** Owners after an update of `old` to `next`. */
export function recordUpdate(
  scope: FieldManagementScope,
  managers: Managers,
  old: ObjectLike | undefined,
  next: ObjectLike,
  { manager: name, nowMs }: Writer,
): Managers {
  const changes = new VersionedComparison(scope, withoutManagedFields(old), withoutManagedFields(next));
  const result = surrenderFields(managers, changes, "");
  const { added, modified } = changes.own();
  const fields = difference(union(modified, added), unownedFields);
  if (isEmptySet(fields)) return result;
  const { apiVersion, subresource = "" } = scope;
  const identity = { name, operation: "Update", apiVersion, subresource } as const;
  const previous = result.get(identityOf(identity));
  const owned = previous ? union(previous.fields, fields) : fields;
  const self: Manager = { ...identity, time: formatTime(nowMs), fields: owned };
  return result.set(identityOf(identity), self);
}

/**
 * Whose fields they were: what the request itself says, for managers may be edited; the old object's when it says nothing,
 * so that clients which do not know the field cannot lose it. An explicitly empty list starts anew.
 */
function managersOfWrite(scope: FieldManagementScope, old: ObjectLike | undefined, next: ObjectLike): Managers {
  const given = scope.subresource ? undefined : next.metadata?.managedFields;
  if (given && isReset(given)) return new Map();
  const managers = given === undefined ? undefined : decodeOrNothing(given);
  return managers?.size ? managers : (decodeOrNothing(old?.metadata?.managedFields) ?? new Map());
}

function isReset(entries: readonly ManagedFieldsEntry[]): boolean {
  const [first] = entries;
  return first === undefined || (entries.length === 1 && Object.keys(first).length === 0);
}

function decodeOrNothing(entries: readonly ManagedFieldsEntry[] | undefined): Managers | undefined {
  try {
    return decodeManagers(entries);
  } catch {
    // Ownership is a service to users; a write never fails for a damaged record of it.
    return undefined;
  }
}

/** The object as far as it can be owned. */
export function withoutManagedFields(object: ObjectLike | undefined): JsonObject {
  if (!object) return {};
  const { metadata } = object;
  if (!isJsonObject(metadata) || !("managedFields" in metadata)) return object as JsonObject;
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest };
}
