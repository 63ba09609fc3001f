import type { Job, JobCondition, Pod } from "@tskube/api";

export const trackingFinalizer = "batch.kubernetes.io/job-tracking";
export const indexKey = "batch.kubernetes.io/job-completion-index";
export const indexFailureCountKey = "batch.kubernetes.io/job-index-failure-count";

/** The value of `managedBy` that means this controller, as its absence does. */
const ownName = "kubernetes.io/job-controller";

export function isOurs({ spec }: Job): boolean {
  return spec.managedBy === undefined || spec.managedBy === ownName;
}

export function conditionOf(job: Job, type: string): JobCondition | undefined {
  return job.status?.conditions?.find((one) => one.type === type && one.status === "True");
}

/** The condition that ended the job. */
export function endOf(job: Job): JobCondition | undefined {
  return conditionOf(job, "Complete") ?? conditionOf(job, "Failed");
}

export function isIndexed({ spec }: Job): boolean {
  return spec.completionMode === "Indexed";
}

export function isSuspended({ spec }: Job): boolean {
  return spec.suspend === true;
}

export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(trackingFinalizer) ?? false;
}

export function isGoing({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[indexKey] ?? metadata.labels?.[indexKey] ?? "";
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Whether a replacement waits until the pod has really ended. */
export function replacesEndedOnly({ spec }: Job): boolean {
  return spec.podReplacementPolicy === "Failed" || spec.podFailurePolicy !== undefined;
}

/** Failed, or about to go without a chance to succeed: pods whose node is gone never get a final phase. */
export function hasFailed(job: Job, pod: Pod): boolean {
  if (pod.status?.phase === "Failed") return true;
  return !replacesEndedOnly(job) && isGoing(pod) && pod.status?.phase !== "Succeeded";
}
