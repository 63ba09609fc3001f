import type { Job, Pod } from "@tskube/api";
import { judge } from "./failure-policy.ts";
import { formatIndexes, parseIndexes } from "./indexes.ts";
import { hasFailed, indexFailureCountKey, indexOf, isIndexed, isTracked } from "./kinds.ts";

/** What has ended so far, each pod counted exactly once. */
export interface Account {
  readonly succeeded: number;
  readonly failed: number;
  /** Uids noted in the status whose finalizers are still there. */
  readonly uncounted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] };
  readonly completedIndexes: ReadonlySet<number>;
  readonly failedIndexes: ReadonlySet<number>;
  /** Pods whose end is noted: their finalizers go once the status is written. */
  readonly release: readonly Pod[];
  /** Pods noted just now. */
  readonly newlySucceeded: readonly Pod[];
  readonly newlyFailed: readonly Pod[];
  /** Of a pod that by the failure policy fails the whole job. */
  readonly failJob: string | undefined;
}

/** Status stays small: more than so many ends are noted in the next round. */
const maxUncounted = 500;

/**
 * Counts pods in two steps, so that none is lost or counted twice whenever this process stops: first its uid is noted in the status
 * and its finalizer removed, then, when the finalizer is seen gone, the uid is dropped and the number rises.
 */
export function account(job: Job, pods: readonly Pod[]): Account {
  const noted = job.status?.uncountedTerminatedPods ?? {};
  const tracked = new Map(pods.filter(isTracked).map((pod) => [pod.metadata.uid ?? "", pod]));
  const stillNoted = (uids: readonly string[] = []) => uids.filter((uid) => tracked.has(uid));
  const uncounted = { succeeded: stillNoted(noted.succeeded), failed: stillNoted(noted.failed) };
  const known = new Set([...(noted.succeeded ?? []), ...(noted.failed ?? [])]);
  const release = [...uncounted.succeeded, ...uncounted.failed].flatMap((uid) => tracked.get(uid) ?? []);
  const limit = job.spec.completions ?? 0;
  const completedIndexes = parseIndexes(job.status?.completedIndexes, limit);
  const failedIndexes = parseIndexes(job.status?.failedIndexes, limit);
  const newlySucceeded: Pod[] = [];
  const newlyFailed: Pod[] = [];
  let failJob: string | undefined;

  for (const [uid, pod] of tracked) {
    if (release.length >= maxUncounted) break;
    if (known.has(uid)) continue;
    if (pod.status?.phase === "Succeeded") noteSuccess(uid, pod);
    else if (hasFailed(job, pod)) noteFailure(uid, pod);
  }

  const counted = (uids: readonly string[] = [], left: readonly string[]) =>
    uids.filter((uid) => !left.includes(uid)).length;
  return {
    succeeded: isIndexed(job)
      ? completedIndexes.size
      : (job.status?.succeeded ?? 0) + counted(noted.succeeded, uncounted.succeeded),
    failed: (job.status?.failed ?? 0) + counted(noted.failed, uncounted.failed),
    uncounted,
    completedIndexes,
    failedIndexes,
    release,
    newlySucceeded,
    newlyFailed,
    failJob,
  };

  function noteSuccess(uid: string, pod: Pod): void {
    release.push(pod);
    newlySucceeded.push(pod);
    if (!isIndexed(job)) {
      uncounted.succeeded.push(uid);
      return;
    }
    // An index that is done twice counts once: the list of indexes is the account.
    const index = indexOf(pod);
    if (index !== undefined && index < limit) completedIndexes.add(index);
  }

  function noteFailure(uid: string, pod: Pod): void {
    release.push(pod);
    const { action, message } = judge(job, pod);
    if (action === "FailJob") failJob ??= message;
    if (action === "Ignore") return;
    uncounted.failed.push(uid);
    newlyFailed.push(pod);
    const index = indexOf(pod);
    if (index === undefined || index >= limit || completedIndexes.has(index)) return;
    if (action === "FailIndex" || isBeyondIndexLimit(job, pod)) failedIndexes.add(index);
  }
}

/** Whether this failure was its index's last one. */
function isBeyondIndexLimit({ spec }: Job, pod: Pod): boolean {
  if (spec.backoffLimitPerIndex === undefined) return false;
  return indexFailuresBefore(pod) >= spec.backoffLimitPerIndex;
}

/** How often the pod's index had failed when the pod was made. */
export function indexFailuresBefore({ metadata }: Pod): number {
  return Number(metadata.annotations?.[indexFailureCountKey] ?? 0);
}

/** All successes, those not yet counted included. */
export function totalSucceeded(job: Job, { succeeded, uncounted }: Account): number {
  return isIndexed(job) ? succeeded : succeeded + uncounted.succeeded.length;
}

export function totalFailed({ failed, uncounted }: Account): number {
  return failed + uncounted.failed.length;
}

export function indexesText(indexes: ReadonlySet<number>): string | undefined {
  return indexes.size > 0 ? formatIndexes(indexes) : undefined;
}
