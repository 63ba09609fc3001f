import type { KubeObject, ObjectMeta } from "@tskube/api";
import { deepEqual, formatTime, generateName } from "@tskube/apimachinery";

/** Settles the metadata that the server alone decides on a new object, in place. */
export function stampCreation(object: KubeObject, namespace: string, hasGeneration: boolean, nowMs: number): void {
  const meta = object.metadata;
  if (!meta.name && meta.generateName) meta.name = generateName(meta.generateName);
  if (namespace !== "") meta.namespace = namespace;
  meta.uid = crypto.randomUUID();
  meta.creationTimestamp = formatTime(nowMs);
  delete meta.resourceVersion;
  delete meta.selfLink;
  delete meta.deletionTimestamp;
  delete meta.deletionGracePeriodSeconds;
  delete meta.generation;
  if (hasGeneration) meta.generation = 1;
}

/** Takes over from the old object what no client can change, in place. */
export function keepSystemMetadata(object: KubeObject, old: KubeObject): void {
  const meta = object.metadata;
  for (const field of keptWhenAbsent) if (!meta[field] && old.metadata[field]) copyField(meta, old.metadata, field);
  for (const field of keptAlways) copyField(meta, old.metadata, field);
  delete meta.selfLink;
}

const keptWhenAbsent = ["name", "namespace", "uid"] as const;
const keptAlways = [
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "generation",
  "generateName",
] as const;

function copyField<K extends keyof ObjectMeta>(to: ObjectMeta, from: ObjectMeta, field: K): void {
  const value = from[field];
  if (value === undefined) delete to[field];
  else to[field] = value;
}

/** Counts the generation up when anything but status and metadata (save `counted`) changed, in place. */
export function countGeneration(object: KubeObject, old: KubeObject, counted?: "labels" | "annotations"): void {
  const isSame = counted === undefined || deepEqual(object.metadata[counted] ?? {}, old.metadata[counted] ?? {});
  if (isSame && specsEqual(object, old)) return;
  object.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

function specsEqual(a: KubeObject, b: KubeObject): boolean {
  const { metadata: _am, ...restA } = a as KubeObject & { status?: unknown };
  const { metadata: _bm, ...restB } = b as KubeObject & { status?: unknown };
  return deepEqual({ ...restA, status: undefined }, { ...restB, status: undefined });
}
