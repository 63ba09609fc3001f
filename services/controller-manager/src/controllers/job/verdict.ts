import type { Job, Pod } from "@tskube/api";
import { parseTime } from "@tskube/apimachinery";
import { isPodActive } from "../../pods/pod-state.ts";
import { type Account, totalFailed, totalSucceeded } from "./accounting.ts";
import { parseIndexes } from "./indexes.ts";
import { conditionOf, isIndexed, isSuspended } from "./kinds.ts";

/** How a job is to end: as `FailureTarget` or `SuccessCriteriaMet` first, and for good when its pods are gone. */
export interface Verdict {
  readonly outcome: "failed" | "succeeded";
  readonly reason: string;
  readonly message: string;
}

function failed(reason: string, message: string): Verdict {
  return { outcome: "failed", reason, message };
}

/** Whether the job's end is decided. What was decided once stays. */
export function verdictOn(job: Job, pods: readonly Pod[], account: Account, nowMs: number): Verdict | undefined {
  return (
    decidedBefore(job) ??
    failureOf(job, pods, account, nowMs) ??
    successByPolicy(job, account) ??
    endOfIndexes(job, account) ??
    successByNumber(job, pods, account)
  );
}

function decidedBefore(job: Job): Verdict | undefined {
  const [target, met] = [conditionOf(job, "FailureTarget"), conditionOf(job, "SuccessCriteriaMet")];
  const condition = target ?? met;
  if (!condition) return undefined;
  const { reason = "", message = "" } = condition;
  return { outcome: target ? "failed" : "succeeded", reason, message };
}

function failureOf(job: Job, pods: readonly Pod[], account: Account, nowMs: number): Verdict | undefined {
  if (account.failJob) return failed("PodFailurePolicy", account.failJob);
  const { backoffLimit = 6, maxFailedIndexes } = job.spec;
  if (totalFailed(account) > backoffLimit || restartsExceed(job, pods, backoffLimit))
    return failed("BackoffLimitExceeded", "Job has reached the specified backoff limit");
  if (remainingDeadlineMs(job, nowMs) === 0)
    return failed("DeadlineExceeded", "Job was active longer than specified deadline");
  if (maxFailedIndexes !== undefined && account.failedIndexes.size > maxFailedIndexes)
    return failed("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
  return undefined;
}

/** Containers that are started again in place fail as pods would. */
function restartsExceed({ spec }: Job, pods: readonly Pod[], limit: number): boolean {
  if (spec.template.spec?.restartPolicy !== "OnFailure") return false;
  const restarts = pods
    .filter(isPodActive)
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .reduce((sum, { restartCount = 0 }) => sum + restartCount, 0);
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** Nothing without a deadline or while it does not run. */
export function remainingDeadlineMs(job: Job, nowMs: number): number | undefined {
  const { activeDeadlineSeconds } = job.spec;
  const startedAt = parseTime(job.status?.startTime ?? "");
  if (activeDeadlineSeconds === undefined || startedAt === undefined || isSuspended(job)) return undefined;
  return Math.max(0, startedAt + activeDeadlineSeconds * 1000 - nowMs);
}

function successByPolicy(job: Job, { completedIndexes }: Account): Verdict | undefined {
  if (!isIndexed(job)) return undefined;
  for (const [i, rule] of (job.spec.successPolicy?.rules ?? []).entries()) {
    const wanted =
      rule.succeededIndexes === undefined ? undefined : parseIndexes(rule.succeededIndexes, job.spec.completions ?? 0);
    const done = wanted ? [...wanted].filter((index) => completedIndexes.has(index)).length : completedIndexes.size;
    const needed = rule.succeededCount ?? wanted?.size ?? Number.POSITIVE_INFINITY;
    if (done >= needed)
      return { outcome: "succeeded", reason: "SuccessPolicy", message: `Matched rules at index ${i}` };
  }
  return undefined;
}

/** Indexes that failed for good end a job only when all others are done. */
function endOfIndexes({ spec }: Job, { completedIndexes, failedIndexes }: Account): Verdict | undefined {
  const isOver = failedIndexes.size > 0 && completedIndexes.size + failedIndexes.size >= (spec.completions ?? 0);
  return isOver ? failed("FailedIndexes", "Job has failed indexes") : undefined;
}

function successByNumber(job: Job, pods: readonly Pod[], account: Account): Verdict | undefined {
  const succeeded = totalSucceeded(job, account);
  const { completions } = job.spec;
  // Without a number the first success means that the work is done, and the others end by themselves.
  const isDone = completions === undefined ? succeeded > 0 && !pods.some(isPodActive) : succeeded >= completions;
  if (!isDone || isSuspended(job)) return undefined;
  return {
    outcome: "succeeded",
    reason: "CompletionsReached",
    message: "Reached expected number of succeeded pods",
  };
}
