import { type Comparison, compare, without } from "./compare.ts";
import { difference, type FieldSet, intersection, isEmptySet, union } from "./field-set.ts";
import { type Manager, type Managers, withFields } from "./managers.ts";
import type { FieldManagementScope } from "./scope.ts";
import { shapeOfObject } from "./shape.ts";

/** Fields of one manager that a write changes. */
export interface Conflict {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

/** Compares two states of an object as they look in each version that a manager set fields in. */
export class VersionedComparison {
  readonly #scope: FieldManagementScope;
  readonly #old: unknown;
  readonly #next: unknown;
  readonly #known = new Map<string, Comparison | undefined>();

  constructor(scope: FieldManagementScope, old: unknown, next: unknown) {
    this.#scope = scope;
    this.#old = old;
    this.#next = next;
  }

  /** The comparison in the version of the request. */
  own(): Comparison {
    return this.in(this.#scope.apiVersion) as Comparison;
  }

  /** Undefined if the version does not exist any more. */
  in(apiVersion: string): Comparison | undefined {
    if (!this.#known.has(apiVersion)) this.#known.set(apiVersion, this.#compare(apiVersion));
    return this.#known.get(apiVersion);
  }

  #compare(apiVersion: string): Comparison | undefined {
    const { schema, typeName, resetFields, convert } = this.#scope;
    if (!convert || apiVersion === this.#scope.apiVersion) {
      return without(compare(shapeOfObject(schema, typeName), this.#old, this.#next), resetFields);
    }
    const [old, next] = [convert(this.#old, apiVersion), convert(this.#next, apiVersion)];
    if (!old || !next) return undefined;
    return without(compare(shapeOfObject(schema, next.typeName), old.object, next.object), resetFields);
  }
}

/** Where a write changes fields of managers other than `self`. */
export function findConflicts(managers: Managers, changes: VersionedComparison, self: string): Conflict[] {
  const conflicts: Conflict[] = [];
  for (const [id, manager] of managers) {
    const change = id === self ? undefined : changes.in(manager.apiVersion);
    if (!change) continue;
    const fields = intersection(manager.fields, union(change.modified, change.added));
    if (!isEmptySet(fields)) conflicts.push({ manager, fields });
  }
  return conflicts;
}

/** The managers other than `self` without the fields that a write changes or removes; those left without any are gone. */
export function surrenderFields(managers: Managers, changes: VersionedComparison, self: string): Map<string, Manager> {
  const result = new Map<string, Manager>();
  for (const [id, manager] of managers) {
    if (id === self) {
      result.set(id, manager);
      continue;
    }
    const change = changes.in(manager.apiVersion);
    if (!change) continue;
    const left = difference(difference(difference(manager.fields, change.modified), change.added), change.removed);
    if (!isEmptySet(left)) result.set(id, withFields(manager, left));
  }
  return result;
}
