import type { Deployment, KubeObject } from "@tskube/api";
import { maxReplicas, replicasOf } from "./strategy.ts";

export type Annotations = Readonly<Record<string, string>>;

export const revisionAnnotation = "deployment.kubernetes.io/revision";
const revisionHistoryAnnotation = "deployment.kubernetes.io/revision-history";
export const desiredReplicasAnnotation = "deployment.kubernetes.io/desired-replicas";
export const maxReplicasAnnotation = "deployment.kubernetes.io/max-replicas";

/** Annotations that a deployment and its replica sets do not share. */
const ownAnnotations = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "deprecated.deployment.rollback.to",
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
]);

/** The number in an annotation, if it is one. */
export function numberIn(object: KubeObject, annotation: string): number | undefined {
  const text = object.metadata.annotations?.[annotation] ?? "";
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

export function revisionOf(object: KubeObject): number {
  return numberIn(object, revisionAnnotation) ?? 0;
}

/** What the sizes of a rollout are measured by when the deployment is scaled in the middle of one. */
export function replicasAnnotations(deployment: Deployment): Annotations {
  return {
    [desiredReplicasAnnotation]: String(replicasOf(deployment)),
    [maxReplicasAnnotation]: String(maxReplicas(deployment)),
  };
}

/** The annotations of a deployment's newest replica set: the deployment's own, and the revision with those it had before. */
export function newSetAnnotations(deployment: Deployment, before: Annotations, revision: number): Annotations {
  return { ...before, ...shared(deployment), ...withRevision(before, revision) };
}

function shared(deployment: Deployment): Annotations {
  const entries = Object.entries(deployment.metadata.annotations ?? {});
  return Object.fromEntries(entries.filter(([key]) => !ownAnnotations.has(key)));
}

/** A set that becomes the newest again remembers under which revisions it was so before. */
function withRevision(before: Annotations, revision: number): Annotations {
  const old = before[revisionAnnotation];
  if (old !== undefined && Number(old) >= revision) return {};
  if (old === undefined || !/^\d+$/.test(old)) return { [revisionAnnotation]: String(revision) };
  const history = before[revisionHistoryAnnotation];
  return {
    [revisionAnnotation]: String(revision),
    [revisionHistoryAnnotation]: history ? `${history},${old}` : old,
  };
}
