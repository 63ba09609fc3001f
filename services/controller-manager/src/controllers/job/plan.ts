import type { Job, Pod } from "@tskube/api";
import { isPodActive, isPodTerminal } from "../../pods/pod-state.ts";
import { type Account, indexFailuresBefore, totalSucceeded } from "./accounting.ts";
import { indexOf, isGoing, isIndexed, isSuspended, replacesEndedOnly } from "./kinds.ts";

/** Upstream's limit of pods created in one go. */
const maxCreated = 500;

export interface Plan {
  readonly remove: readonly Pod[];
  /** How many pods are to be made, and for indexed jobs for which indexes. */
  readonly create: number;
  readonly indexes: readonly { readonly index: number; readonly failures: number }[];
}

/** How many pods run too many or too few for a job that goes on. */
export function planPods(job: Job, pods: readonly Pod[], account: Account): Plan {
  const active = pods.filter(isPodActive);
  if (isSuspended(job)) return { remove: active, create: 0, indexes: [] };
  const wanted = wantedActive(job, active.length, account);
  const surplus = surplusOf(job, active, wanted, account);
  if (surplus.length > 0) return { remove: surplus, create: 0, indexes: [] };
  const ending = replacesEndedOnly(job) ? pods.filter((pod) => isGoing(pod) && !isPodTerminal(pod)) : [];
  const missing = Math.min(wanted - active.length - ending.length, maxCreated);
  if (missing <= 0) return { remove: [], create: 0, indexes: [] };
  if (!isIndexed(job)) return { remove: [], create: missing, indexes: [] };
  const indexes = freeIndexes(job, [...active, ...ending], account, missing);
  return {
    remove: [],
    create: indexes.length,
    indexes: indexes.map((index) => ({ index, failures: failuresOf(pods, index) })),
  };
}

function wantedActive(job: Job, active: number, account: Account): number {
  const { completions, parallelism = 1 } = job.spec;
  const succeeded = totalSucceeded(job, account);
  // Without a number nothing new starts after the first success; what runs may end.
  if (completions === undefined) return succeeded > 0 ? Math.min(active, parallelism) : parallelism;
  return Math.min(Math.max(0, completions - succeeded - account.failedIndexes.size), parallelism);
}

/** Pods that do their index a second time or out of range go first, then those that have come least far. */
function surplusOf(
  job: Job,
  active: readonly Pod[],
  wanted: number,
  { completedIndexes, failedIndexes }: Account,
): Pod[] {
  const doubled: Pod[] = [];
  const seen = new Set<number>();
  const rest = active.filter((pod) => {
    const index = indexOf(pod);
    if (!isIndexed(job)) return true;
    const isFree = index !== undefined && index < (job.spec.completions ?? 0) && !seen.has(index);
    if (!isFree || completedIndexes.has(index) || failedIndexes.has(index)) doubled.push(pod);
    else seen.add(index);
    return !doubled.includes(pod);
  });
  const rank = ({ status }: Pod) => (status?.phase === "Running" ? 1 : 0);
  const late = [...rest].sort((a, b) => rank(a) - rank(b)).slice(0, Math.max(0, rest.length - wanted));
  return [...doubled, ...late];
}

function freeIndexes(
  { spec }: Job,
  taken: readonly Pod[],
  { completedIndexes, failedIndexes }: Account,
  count: number,
): number[] {
  const busy = new Set([...completedIndexes, ...failedIndexes, ...taken.flatMap((pod) => indexOf(pod) ?? [])]);
  const free: number[] = [];
  for (let index = 0; index < (spec.completions ?? 0) && free.length < count; index++)
    if (!busy.has(index)) free.push(index);
  return free;
}

/** How often an index has failed: one more than its last pod was told. */
function failuresOf(pods: readonly Pod[], index: number): number {
  const failed = pods.filter((pod) => indexOf(pod) === index && !isPodActive(pod) && pod.status?.phase !== "Succeeded");
  return failed.length === 0 ? 0 : Math.max(...failed.map(indexFailuresBefore)) + 1;
}
