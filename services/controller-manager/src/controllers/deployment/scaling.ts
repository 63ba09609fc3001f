import type { Deployment, ReplicaSet } from "@tskube/api";
import { desiredReplicasAnnotation, maxReplicasAnnotation, numberIn } from "./annotations.ts";
import { byAge, isActive, type ReplicaSets } from "./replica-sets.ts";
import { availableOf, isRollingUpdate, maxReplicas, maxUnavailable, replicasOf, sum } from "./strategy.ts";

/** A replica set and the size it is to have. */
export interface Scaling {
  readonly set: ReplicaSet;
  readonly replicas: number;
}

/** True if the deployment was scaled since its sets were last written: then they grow or shrink in proportion first. */
export function wasScaled(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  return sets.filter(isActive).some((set) => {
    const desired = numberIn(set, desiredReplicasAnnotation);
    return desired !== undefined && desired !== replicasOf(deployment);
  });
}

/** The size of the set of the newest template: all wanted at once, or during a rolling update as much as fits under the surge. */
export function newSetReplicas(deployment: Deployment, all: readonly ReplicaSet[], current: number): number {
  const wanted = replicasOf(deployment);
  if (!isRollingUpdate(deployment)) return wanted;
  const room = maxReplicas(deployment) - sum(all, replicasOf);
  if (room <= 0) return current;
  return current + Math.min(room, wanted - current);
}

/** What a rolling update does next: grow the new set, or shrink old ones as far as enough pods stay available. */
export function planRollingUpdate(deployment: Deployment, { newest, old, all }: ReplicaSets): Scaling[] {
  if (newest && replicasOf(newest) !== replicasOf(deployment)) {
    const wanted = replicasOf(deployment);
    const size = replicasOf(newest) > wanted ? wanted : newSetReplicas(deployment, all, replicasOf(newest));
    if (size !== replicasOf(newest)) return [{ set: newest, replicas: size }];
  }
  return planOldSets(deployment, { newest, old, all });
}

function planOldSets(deployment: Deployment, { newest, old, all }: ReplicaSets): Scaling[] {
  const minAvailable = replicasOf(deployment) - maxUnavailable(deployment);
  const newUnavailable = newest ? replicasOf(newest) - availableOf(newest) : 0;
  const maxScaledDown = sum(all, replicasOf) - minAvailable - newUnavailable;
  if (sum(old, replicasOf) === 0 || maxScaledDown <= 0) return [];
  const sizes = new Map(old.map((set) => [set, replicasOf(set)]));
  const shrink = (set: ReplicaSet, by: number) => sizes.set(set, (sizes.get(set) ?? 0) - by);
  const ordered = old.filter(isActive).sort(byAge);

  // Pods that are not available go first: nobody misses them, and they may be why a rollout is stuck.
  let cleaned = 0;
  for (const set of ordered) {
    const by = Math.min(maxScaledDown - cleaned, Math.max(0, replicasOf(set) - availableOf(set)));
    shrink(set, by);
    cleaned += by;
  }
  let spare = sum(all, availableOf) - minAvailable;
  for (const set of ordered) {
    const by = Math.max(0, Math.min(sizes.get(set) ?? 0, spare));
    shrink(set, by);
    spare -= by;
  }
  return changed(ordered.map((set) => ({ set, replicas: sizes.get(set) ?? 0 })));
}

/** What scaling a deployment means for its sets, outside of and in the middle of a rollout. */
export function planScaling(deployment: Deployment, { newest, old, all }: ReplicaSets): Scaling[] {
  const wanted = replicasOf(deployment);
  const single = activeOrLatest(newest, old);
  if (single) return [{ set: single, replicas: wanted }];
  if (newest && isSaturated(deployment, newest)) return old.filter(isActive).map((set) => ({ set, replicas: 0 }));
  return isRollingUpdate(deployment) ? planProportionally(deployment, all.filter(isActive)) : [];
}

/** The only set with pods, or the latest if none has; nothing when several have. */
function activeOrLatest(newest: ReplicaSet | undefined, old: readonly ReplicaSet[]): ReplicaSet | undefined {
  const active = [...old, ...(newest ? [newest] : [])].filter(isActive);
  if (active.length === 1) return active[0];
  if (active.length > 1) return undefined;
  return newest ?? [...old].sort(byAge).at(-1);
}

function isSaturated(deployment: Deployment, set: ReplicaSet): boolean {
  const wanted = replicasOf(deployment);
  return (
    replicasOf(set) === wanted && numberIn(set, desiredReplicasAnnotation) === wanted && availableOf(set) === wanted
  );
}

/** Shares the difference among the sets by their sizes; what rounding leaves goes to the largest. */
function planProportionally(deployment: Deployment, active: readonly ReplicaSet[]): Scaling[] {
  const allowed = replicasOf(deployment) > 0 ? maxReplicas(deployment) : 0;
  const toAdd = allowed - sum(active, replicasOf);
  // Of equally large ones the newer grows first and the older shrinks first.
  const ordered = [...active].sort((a, b) => replicasOf(b) - replicasOf(a) || (toAdd > 0 ? byAge(b, a) : byAge(a, b)));
  let added = 0;
  const sizes = ordered.map((set) => {
    const share = toAdd === 0 ? 0 : proportion(deployment, set, toAdd, added);
    added += share;
    return { set, replicas: replicasOf(set) + share };
  });
  const [first, ...rest] = sizes;
  if (!first) return [];
  return [{ ...first, replicas: Math.max(0, first.replicas + toAdd - added) }, ...rest];
}

function proportion(deployment: Deployment, set: ReplicaSet, toAdd: number, added: number): number {
  const left = toAdd - added;
  if (left === 0 || replicasOf(set) === 0) return 0;
  const share = fraction(deployment, set);
  return toAdd > 0 ? Math.min(share, left) : Math.max(share, left);
}

function fraction(deployment: Deployment, set: ReplicaSet): number {
  const size = replicasOf(set);
  if (replicasOf(deployment) === 0) return -size;
  const before = numberIn(set, maxReplicasAnnotation) || deployment.status?.replicas || maxReplicas(deployment);
  return Math.round((size * maxReplicas(deployment)) / before) - size;
}

function changed(scalings: readonly Scaling[]): Scaling[] {
  return scalings.filter(({ set, replicas }) => replicasOf(set) !== replicas);
}
