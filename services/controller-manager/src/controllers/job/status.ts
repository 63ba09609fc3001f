import type { Job, JobCondition, JobStatus, Pod } from "@tskube/api";
import { formatTime } from "@tskube/apimachinery";
import { withCondition } from "../../objects/meta.ts";
import { isPodActive, isPodReady, isPodTerminal } from "../../pods/pod-state.ts";
import { type Account, indexesText } from "./accounting.ts";
import { isGoing, isIndexed, isSuspended } from "./kinds.ts";
import type { Verdict } from "./verdict.ts";

export interface Observed {
  readonly job: Job;
  readonly pods: readonly Pod[];
  readonly account: Account;
  readonly verdict: Verdict | undefined;
  readonly nowMs: number;
}

/** Whether a decided end can be told: no pod is left that could still change the numbers. */
export function isOver({ pods, account, verdict }: Observed): boolean {
  const { uncounted, release } = account;
  const isCounted = uncounted.succeeded.length + uncounted.failed.length + release.length === 0;
  return verdict !== undefined && isCounted && !pods.some((pod) => !isPodTerminal(pod));
}

export function computeStatus(observed: Observed): JobStatus {
  const { job, pods, account, nowMs } = observed;
  const active = pods.filter(isPodActive);
  const conditions = conditionsOf(observed);
  const startTime = isSuspended(job) ? undefined : (job.status?.startTime ?? formatTime(nowMs));
  const isComplete = conditions.some(({ type, status }) => type === "Complete" && status === "True");
  const { succeeded, failed } = account.uncounted;
  return {
    ...(conditions.length > 0 && { conditions: [...conditions] }),
    ...(startTime && { startTime }),
    ...(isComplete && { completionTime: formatTime(nowMs) }),
    ...positive("active", active.length),
    ...positive("succeeded", account.succeeded),
    ...positive("failed", account.failed),
    terminating: pods.filter((pod) => isGoing(pod) && !isPodTerminal(pod)).length,
    ready: active.filter(isPodReady).length,
    uncountedTerminatedPods: {
      ...(succeeded.length > 0 && { succeeded: [...succeeded] }),
      ...(failed.length > 0 && { failed: [...failed] }),
    },
    ...(isIndexed(job) && indexFields(job, account)),
  };
}

function indexFields({ spec }: Job, { completedIndexes, failedIndexes }: Account): Partial<JobStatus> {
  const completed = indexesText(completedIndexes);
  const failed = indexesText(failedIndexes);
  return {
    ...(completed && { completedIndexes: completed }),
    ...(spec.backoffLimitPerIndex !== undefined && { failedIndexes: failed ?? "" }),
  };
}

function conditionsOf(observed: Observed): readonly JobCondition[] {
  const { job, verdict, nowMs } = observed;
  let conditions: readonly JobCondition[] = job.status?.conditions ?? [];
  const put = (type: string, status: string, reason: string, message: string) => {
    const before = conditions;
    conditions = withCondition(
      before,
      { type, status, reason, message, ...probed(before, type, status, nowMs) },
      nowMs,
    );
  };
  if (verdict) {
    const { outcome, reason, message } = verdict;
    put(outcome === "failed" ? "FailureTarget" : "SuccessCriteriaMet", "True", reason, message);
    if (isOver(observed)) put(outcome === "failed" ? "Failed" : "Complete", "True", reason, message);
    return conditions;
  }
  if (isSuspended(job)) put("Suspended", "True", "JobSuspended", "Job suspended");
  else if (conditions.some(({ type }) => type === "Suspended")) put("Suspended", "False", "JobResumed", "Job resumed");
  return conditions;
}

/** The probe time moves with the status and not with every look. */
function probed(
  before: readonly JobCondition[],
  type: string,
  status: string,
  nowMs: number,
): { lastProbeTime: string } {
  const same = before.find((one) => one.type === type && one.status === status);
  return { lastProbeTime: same?.lastProbeTime ?? formatTime(nowMs) };
}

/** Counts of zero are absent. */
function positive<K extends string>(key: K, count: number): { [P in K]?: number } {
  return count > 0 ? ({ [key]: count } as { [P in K]?: number }) : {};
}
