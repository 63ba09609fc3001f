import { backoffMs } from "@tskube/base";
import type { QueuedPod } from "../framework/queued-pod.ts";

export interface PodBackoff {
  readonly initialMs: number;
  readonly maxMs: number;
}

/** When a pod that failed may be tried again. Breakage and unschedulability count apart, each in a row. */
export function backoffEndMs(pod: QueuedPod, backoff: PodBackoff): number {
  const failures = pod.errorCount > 0 ? pod.errorCount : pod.unschedulableCount;
  if (failures === 0) return pod.timestampMs;
  return pod.timestampMs + backoffMs(failures, { baseMs: backoff.initialMs, maxMs: backoff.maxMs });
}
