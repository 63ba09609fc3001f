import type { Deployment, PodTemplateSpec, ReplicaSet } from "@tskube/api";
import { deepEqual } from "@tskube/apimachinery";
import { revisionOf } from "./annotations.ts";
import { replicasOf } from "./strategy.ts";

export const hashLabel = "pod-template-hash";

/** A deployment's replica sets: the one of its template, if there is one, and all others. */
export interface ReplicaSets {
  readonly newest: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
  readonly all: readonly ReplicaSet[];
}

/** Of several sets with the deployment's template the oldest counts, so that all who look agree. */
export function sortOut(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSets {
  const newest = [...sets].sort(byAge).find((set) => isSameTemplate(set.spec.template ?? {}, deployment.spec.template));
  return groupSets(newest, sets);
}

export function groupSets(newest: ReplicaSet | undefined, sets: readonly ReplicaSet[]): ReplicaSets {
  const old = sets.filter((set) => set.metadata.uid !== newest?.metadata.uid);
  return { newest, old, all: newest ? [...old, newest] : old };
}

/** Equal but for the hash that sets add to their labels. */
export function isSameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return deepEqual(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { [hashLabel]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

export function maxRevision(sets: readonly ReplicaSet[]): number {
  return Math.max(0, ...sets.map(revisionOf));
}

export function isActive(set: ReplicaSet): boolean {
  return replicasOf(set) > 0;
}

/** Oldest first; names decide among the equally old. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const [x, y] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
  if (x !== y) return x < y ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

/** The old sets that are beyond the history to keep, the lowest revisions first; only those that are empty for sure. */
export function setsToDelete(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet[] {
  const limit = deployment.spec.revisionHistoryLimit;
  if (limit === undefined) return [];
  const alive = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const surplus = alive.length - limit;
  if (surplus <= 0) return [];
  return [...alive]
    .sort((a, b) => revisionOf(a) - revisionOf(b) || byAge(a, b))
    .slice(0, surplus)
    .filter(isEmpty);
}

function isEmpty({ metadata, spec, status }: ReplicaSet): boolean {
  return (
    (status?.replicas ?? 0) === 0 &&
    spec.replicas === 0 &&
    (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0)
  );
}
