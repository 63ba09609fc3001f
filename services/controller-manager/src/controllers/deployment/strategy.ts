import type { Deployment, ReplicaSet } from "@tskube/api";
import { getScaledValue } from "@tskube/apimachinery";

export function replicasOf(object: Deployment | ReplicaSet): number {
  return object.spec.replicas ?? 1;
}

export function availableOf(set: ReplicaSet): number {
  return set.status?.availableReplicas ?? 0;
}

export function sum(sets: readonly ReplicaSet[], count: (set: ReplicaSet) => number): number {
  return sets.reduce((total, set) => total + count(set), 0);
}

export function isRollingUpdate(deployment: Deployment): boolean {
  return deployment.spec.strategy?.type !== "Recreate";
}

/** How many pods may be above and below the wanted number; never none of both, or a rollout could not move. */
function fenceposts(deployment: Deployment): { readonly surge: number; readonly unavailable: number } {
  const { maxSurge = 0, maxUnavailable = 0 } = deployment.spec.strategy?.rollingUpdate ?? {};
  const wanted = replicasOf(deployment);
  const surge = getScaledValue(maxSurge, wanted, true);
  const unavailable = getScaledValue(maxUnavailable, wanted, false);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

export function maxSurge(deployment: Deployment): number {
  return isRollingUpdate(deployment) ? fenceposts(deployment).surge : 0;
}

export function maxUnavailable(deployment: Deployment): number {
  const wanted = replicasOf(deployment);
  if (!isRollingUpdate(deployment) || wanted === 0) return 0;
  return Math.min(fenceposts(deployment).unavailable, wanted);
}

/** How many pods there may be in all. */
export function maxReplicas(deployment: Deployment): number {
  return replicasOf(deployment) + maxSurge(deployment);
}
