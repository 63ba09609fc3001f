import { formatGroupVersionKind, gvkOf } from "../meta/group-version.ts";
import type { ObjectLike } from "../meta/object-meta.ts";
import { badRequest } from "../status/constructors.ts";
import type { StatusError } from "../status/status-error.ts";
import { failureWithCode } from "../status/status-error.ts";
import { formatTime } from "../values/time.ts";
import { appliedErrors } from "./check-applied.ts";
import { isSame } from "./compare.ts";
import { conflictError } from "./conflict-error.ts";
import { extract } from "./extract.ts";
import { difference, emptySet, type FieldSet, isEmptySet, recursiveDifference, union } from "./field-set.ts";
import { fieldsOfLastApplied, kubectlManager, lastAppliedAnnotation, withLastApplied } from "./last-applied.ts";
import { decodeManagers, identityOf, type Manager, type Managers } from "./managers.ts";
import { merge } from "./merge.ts";
import { type Conflict, findConflicts, surrenderFields, VersionedComparison } from "./ownership.ts";
import { prune } from "./prune.ts";
import { type FieldManagementScope, unownedFields } from "./scope.ts";
import { type ObjectShape, shapeOfObject } from "./shape.ts";
import { entriesOf, recordUpdate, type Writer, withoutManagedFields } from "./update.ts";

export interface Applier extends Writer {
  /** Takes fields that others own instead of failing with a conflict. */
  readonly force: boolean;
}

/**
 * Server-side apply: the live object with `given` merged into it, without what the applier used to apply and applies no
 * more, and with managedFields brought up to date. `live` is absent when the object is to be created. The result shares nothing
 * with `given`, the configuration applied. Throws a conflict that names every field others own, or a bad request for a configuration that cannot be applied.
 */
export function applyObject<T extends ObjectLike>(
  scope: FieldManagementScope,
  live: T | undefined,
  given: ObjectLike,
  applier: Applier,
): T {
  const shape = shapeOfObject(scope.schema, scope.typeName);
  checkApplied(scope, shape, given);
  const applied = withoutNullTimestamp(given);
  const managers = managersBefore(scope, live, applier);
  const base = withoutManagedFields(live);
  const merged = mergeApplied(scope, shape, managers, base, applied, applier);
  const changes = new VersionedComparison(scope, base, merged.object);
  const allowed =
    applier.manager === kubectlManager && live ? fieldsOfLastApplied(shape, live, scope.apiVersion) : emptySet;
  if (!applier.force) throwOnConflicts(findConflicts(managers, changes, merged.id), allowed);
  const after = surrenderFields(merged.managers, changes, merged.id);
  const self = settle(merged.self, managers.get(merged.id), isSame(changes.own()), applier.nowMs);
  if (isEmptySet(self.fields)) after.delete(merged.id);
  else after.set(merged.id, self);
  return withEntries(keepLastApplied(merged.object, live, applied, applier), after) as T;
}

/** Go tools write `creationTimestamp: null` into every configuration; it must not count as a wish to remove the real one. */
function withoutNullTimestamp(applied: ObjectLike): ObjectLike {
  if (applied.metadata?.creationTimestamp !== null) return applied;
  const { creationTimestamp: _, ...metadata } = applied.metadata;
  return { ...applied, metadata };
}

interface Merged {
  readonly object: ObjectLike;
  readonly id: string;
  readonly self: Manager;
  readonly managers: Managers;
}

function checkApplied(scope: FieldManagementScope, shape: ObjectShape, applied: ObjectLike): void {
  const version = applied.apiVersion ?? "";
  if (version !== scope.apiVersion) {
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${version}, expected: ${scope.apiVersion}`,
    );
  }
  if (applied.metadata?.managedFields) throw badRequest("metadata.managedFields must be nil");
  const errors = appliedErrors(shape, applied);
  if (errors.length > 0) throw untypedError(applied, errors);
}

/** Upstream answers with a bare 500 here, and kubectl users know the sentence. */
function untypedError(applied: ObjectLike, errors: readonly string[]): StatusError {
  const { namespace = "", name = "" } = applied.metadata ?? {};
  const detail = errors.length === 1 ? errors[0] : `errors:\n${errors.map((line) => `  ${line}`).join("\n")}`;
  const object = `${namespace}/${name}; ${formatGroupVersionKind(gvkOf(applied))}`;
  return failureWithCode(500, "", { message: `failed to create typed patch object (${object}): ${detail}` });
}

/** An object nobody owns anything of was there before its first apply; someone is made to own what it holds. */
function managersBefore(scope: FieldManagementScope, live: ObjectLike | undefined, applier: Applier): Managers {
  const managers = decodeManagers(live?.metadata?.managedFields);
  if (managers.size > 0 || !live) return managers;
  return recordUpdate(scope, managers, undefined, live, { manager: "before-first-apply", nowMs: applier.nowMs });
}

function mergeApplied(
  scope: FieldManagementScope,
  shape: ObjectShape,
  managers: Managers,
  base: unknown,
  applied: ObjectLike,
  { manager: name }: Applier,
): Merged {
  const { apiVersion, subresource = "", resetFields = emptySet } = scope;
  const fields = recursiveDifference(extract(shape, applied), resetFields);
  const self: Manager = { name, operation: "Apply", apiVersion, subresource, time: undefined, fields };
  const id = identityOf(self);
  const next = new Map(managers).set(id, self);
  const object = pruneInLastVersion(scope, merge(shape, base, applied), managers.get(id), appliedFields(next));
  return { object: (object ?? {}) as ObjectLike, id, self, managers: next };
}

/** What was applied last is known in the version it was applied in, so that is where it is taken away. */
function pruneInLastVersion(
  scope: FieldManagementScope,
  merged: unknown,
  last: Manager | undefined,
  applied: FieldSet,
): unknown {
  if (!last) return merged;
  const { schema, typeName, apiVersion, convert } = scope;
  if (!convert || last.apiVersion === apiVersion) {
    return prune(shapeOfObject(schema, typeName), merged, last.fields, applied);
  }
  const converted = convert(merged, last.apiVersion);
  if (!converted) return merged;
  const pruned = prune(shapeOfObject(schema, converted.typeName), converted.object, last.fields, applied);
  return convert(pruned, apiVersion)?.object;
}

function appliedFields(managers: Managers): FieldSet {
  return [...managers.values()]
    .filter((manager) => manager.operation === "Apply")
    .reduce((set, manager) => union(set, manager.fields), emptySet);
}

function throwOnConflicts(conflicts: readonly Conflict[], allowed: FieldSet): void {
  const real = conflicts
    .map(({ manager, fields }) => ({ manager, fields: difference(fields, allowed) }))
    .filter(({ fields }) => !isEmptySet(fields));
  if (real.length > 0) throw conflictError(real);
}

/** The applier's entry: its time moves only when the object or what it owns changes, so that repeating an apply writes nothing. */
function settle(self: Manager, previous: Manager | undefined, isUnchanged: boolean, nowMs: number): Manager {
  const fields = difference(self.fields, unownedFields);
  if (previous && isUnchanged && previous.apiVersion === self.apiVersion && hasSameFields(previous.fields, fields)) {
    return previous;
  }
  return { ...self, fields, time: formatTime(nowMs) };
}

function hasSameFields(a: FieldSet, b: FieldSet): boolean {
  return isEmptySet(difference(a, b)) && isEmptySet(difference(b, a));
}

function keepLastApplied(
  object: ObjectLike,
  live: ObjectLike | undefined,
  applied: ObjectLike,
  { manager }: Applier,
): ObjectLike {
  const isKept = manager === kubectlManager && live?.metadata?.annotations?.[lastAppliedAnnotation];
  return isKept ? withLastApplied(object, applied) : object;
}

function withEntries(object: ObjectLike, managers: Managers): ObjectLike {
  const managedFields = entriesOf(managers);
  return { ...object, metadata: { ...object.metadata, ...(managedFields && { managedFields }) } };
}
