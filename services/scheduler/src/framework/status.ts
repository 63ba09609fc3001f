/**
 * Why a plugin did not simply agree. Success is `undefined`, so that the common case costs nothing.
 * - `Unschedulable`: not now; preemption may help.
 * - `UnschedulableAndUnresolvable`: not now, and removing pods would not help.
 * - `Pending`: rejected until something that the plugin itself has started comes about.
 * - `Wait`: a permit plugin holds the pod back. `Skip`: the plugin has nothing to do in this cycle.
 * - `Error`: the plugin is broken or its collaborators are; the pod is tried again.
 */
export type StatusCode = "Error" | "Unschedulable" | "UnschedulableAndUnresolvable" | "Pending" | "Wait" | "Skip";

export interface Status {
  readonly code: StatusCode;
  readonly reasons: readonly string[];
  /** The plugin that said so; set by the framework. */
  readonly plugin?: string;
  /** What an `Error` comes from. */
  readonly cause?: unknown;
}

/** A status, or `undefined` for success. */
export type Verdict = Status | undefined;

export function unschedulable(...reasons: string[]): Status {
  return { code: "Unschedulable", reasons };
}

export function unresolvable(...reasons: string[]): Status {
  return { code: "UnschedulableAndUnresolvable", reasons };
}

export function pending(...reasons: string[]): Status {
  return { code: "Pending", reasons };
}

export function failure(cause: unknown): Status {
  return { code: "Error", reasons: [cause instanceof Error ? cause.message : String(cause)], cause };
}

export const skip: Status = Object.freeze({ code: "Skip", reasons: [] });
export const wait: Status = Object.freeze({ code: "Wait", reasons: [] });

/** Whether the pod cannot be placed, as against something having broken. */
export function isRejected(status: Status): boolean {
  return status.code === "Unschedulable" || status.code === "UnschedulableAndUnresolvable" || status.code === "Pending";
}

export function messageOf(status: Status): string {
  return status.reasons.join(", ");
}

export function byPlugin(status: Status, plugin: string): Status {
  return status.plugin === plugin ? status : { ...status, plugin };
}
