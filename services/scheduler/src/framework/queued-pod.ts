import type { PodInfo } from "./pod-info.ts";

/** A pod in the scheduling queue, with the history that decides when it is tried. */
export interface QueuedPod {
  info: PodInfo;
  /** When it was last put into the queue. */
  timestampMs: number;
  /** When it was first tried; absent before. */
  initialAttemptMs: number | undefined;
  attempts: number;
  /** How often it was found unschedulable in a row; drives the back-off. */
  unschedulableCount: number;
  /** How often scheduling broke in a row; drives the back-off. */
  errorCount: number;
  /** Plugins that rejected it in its last try. */
  readonly rejectedBy: Set<string>;
  /** Plugins that wait for something of their own. */
  readonly pendingOn: Set<string>;
  /** The plugin that keeps it out of the queue, if one does. */
  gatedBy: string | undefined;
}

export function newQueuedPod(info: PodInfo, nowMs: number): QueuedPod {
  return {
    info,
    timestampMs: nowMs,
    initialAttemptMs: undefined,
    attempts: 0,
    unschedulableCount: 0,
    errorCount: 0,
    rejectedBy: new Set(),
    pendingOn: new Set(),
    gatedBy: undefined,
  };
}
