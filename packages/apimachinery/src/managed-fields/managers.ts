import type { ManagedFieldsEntry } from "../meta/object-meta.ts";
import { type FieldSet, isEmptySet, serializeFieldSet, union } from "./field-set.ts";
import { parseFieldSet } from "./parse-field-set.ts";

/** One owner of fields, as it is worked with. Immutable. */
export interface Manager {
  readonly name: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly fields: FieldSet;
  /** The entry this was read from; kept while nothing changes, so that unchanged entries are not written anew. */
  readonly entry?: ManagedFieldsEntry;
}

/** Owners by identity. */
export type Managers = ReadonlyMap<string, Manager>;

type Identity = Pick<Manager, "name" | "operation" | "apiVersion" | "subresource">;

/** An applier is one owner whatever version it applies in; an updater is another owner in each version. */
export function identityOf({ name, operation, apiVersion, subresource }: Identity): string {
  return JSON.stringify([name, operation, operation === "Apply" ? "" : apiVersion, subresource]);
}

/** Reads the owners of an object. Throws if an entry cannot be read. */
export function decodeManagers(entries: readonly ManagedFieldsEntry[] | undefined): Map<string, Manager> {
  const managers = new Map<string, Manager>();
  for (const entry of entries ?? []) {
    const manager = decodeManager(entry);
    managers.set(identityOf(manager), manager);
  }
  return managers;
}

function decodeManager(entry: ManagedFieldsEntry): Manager {
  if (entry.operation !== "Apply" && entry.operation !== "Update") {
    throw new Error(`managedFields operation is ${JSON.stringify(entry.operation)}, wanted Apply or Update`);
  }
  return {
    name: entry.manager ?? "",
    operation: entry.operation,
    apiVersion: entry.apiVersion ?? "",
    subresource: entry.subresource ?? "",
    time: entry.time,
    fields: parseFieldSet(entry.fieldsV1),
    entry,
  };
}

/** The entries to store, in upstream's order: appliers first, then by time, name, version and subresource. */
export function encodeManagers(managers: Managers): ManagedFieldsEntry[] {
  return [...managers.values()]
    .filter((manager) => !isEmptySet(manager.fields))
    .sort(compareManagers)
    .map((manager) => manager.entry ?? encodeManager(manager));
}

function compareManagers(a: Manager, b: Manager): number {
  return (
    compareText(a.operation, b.operation) ||
    compareText(a.time ?? "", b.time ?? "") ||
    compareText(a.name, b.name) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function encodeManager({ name, operation, apiVersion, subresource, time, fields }: Manager): ManagedFieldsEntry {
  return {
    ...(name && { manager: name }),
    operation,
    apiVersion,
    ...(time !== undefined && { time }),
    fieldsType: "FieldsV1",
    fieldsV1: serializeFieldSet(fields),
    ...(subresource && { subresource }),
  };
}

/** The manager with other fields; the same one if they are the same. */
export function withFields(manager: Manager, fields: FieldSet): Manager {
  if (fields === manager.fields) return manager;
  const { entry: _, ...rest } = manager;
  return { ...rest, fields };
}

/** Objects keep this many entries of updaters; more are merged, oldest first. */
export const maxUpdateManagers = 10;

const mergedManagerName = "ancient-changes";

/** Merges the oldest updaters of each version under one name until few enough are left. Appliers are never merged. */
export function capUpdateManagers(managers: Managers): Managers {
  const updaters = [...managers].filter(([, manager]) => manager.operation === "Update");
  let excess = updaters.length - maxUpdateManagers;
  if (excess <= 0) return managers;
  const result = new Map(managers);
  const firstOfVersion = new Map<string, string>();
  for (const [id, manager] of updaters.sort(([, a], [, b]) => compareManagers(a, b))) {
    if (excess === 0) break;
    const first = firstOfVersion.get(manager.apiVersion);
    firstOfVersion.set(manager.apiVersion, first ?? id);
    if (first === undefined) continue;
    mergeIntoBucket(result, first, id, manager);
    excess--;
  }
  return result;
}

function mergeIntoBucket(managers: Map<string, Manager>, first: string, id: string, manager: Manager): void {
  const bucket = { ...manager, name: mergedManagerName, subresource: "" };
  const bucketId = identityOf(bucket);
  const older = managers.get(bucketId) ?? managers.get(first);
  managers.delete(first);
  managers.delete(id);
  const { entry: _, ...merged } = bucket;
  managers.set(bucketId, { ...merged, fields: older ? union(manager.fields, older.fields) : manager.fields });
}
