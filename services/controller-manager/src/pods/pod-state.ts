import type { Pod, PodCondition } from "@tskube/api";
import { parseTime } from "@tskube/apimachinery";

/** Ended for good, whatever its containers did. */
export function isPodTerminal(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

/** Counts as a replica: neither ended nor about to. */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
}

export function readyCondition(pod: Pod): PodCondition | undefined {
  return pod.status?.conditions?.find(({ type }) => type === "Ready");
}

export function isPodReady(pod: Pod): boolean {
  return readyCondition(pod)?.status === "True";
}

/**
 * When a ready pod has been ready for `minReadySeconds`: at once without any, never for a pod that is not ready.
 */
export function availableAt(pod: Pod, minReadySeconds: number): number {
  const ready = readyCondition(pod);
  if (ready?.status !== "True") return Number.POSITIVE_INFINITY;
  if (minReadySeconds === 0) return 0;
  const since = parseTime(ready.lastTransitionTime ?? "");
  return since === undefined ? Number.POSITIVE_INFINITY : since + minReadySeconds * 1000;
}

export function isPodAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  return availableAt(pod, minReadySeconds) <= nowMs;
}
