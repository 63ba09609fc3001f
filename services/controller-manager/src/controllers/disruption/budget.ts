import type { Condition, Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from "@tskube/api";
import { formatTime, getScaledValue, parseTime } from "@tskube/apimachinery";
import { isPodReady } from "../../pods/pod-state.ts";

/** An eviction that was allowed so long ago without the pod going has failed somewhere else. */
export const evictionPatienceMs = 2 * 60_000;

export interface Targets {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
}

/** Whether the budget speaks of shares or of how many may be missing: then the owners say how many pods there should be. */
export function needsExpectedCount({ spec }: PodDisruptionBudget): boolean {
  return spec?.maxUnavailable !== undefined || typeof spec?.minAvailable === "string";
}

/** `expected` is what the owners want, or the number of pods where the budget gives a plain number. */
export function targetsOf({ spec }: PodDisruptionBudget, expected: number): Targets {
  const { maxUnavailable, minAvailable } = spec ?? {};
  if (maxUnavailable !== undefined) {
    const missing = getScaledValue(maxUnavailable, expected, true);
    return { expectedPods: expected, desiredHealthy: Math.max(0, expected - missing) };
  }
  return { expectedPods: expected, desiredHealthy: getScaledValue(minAvailable ?? 0, expected, true) };
}

export interface Disrupted {
  /** Allowed evictions whose pods are still there, by pod name. */
  readonly pods: Record<string, string>;
  /** Pods that were to go and did not. */
  readonly overdue: readonly Pod[];
  readonly recheckMs: number | undefined;
}

/** Allowed evictions count as done until their pods are seen to go, or for long enough. */
export function stillDisrupted({ status }: PodDisruptionBudget, pods: readonly Pod[], nowMs: number): Disrupted {
  const kept: Record<string, string> = {};
  const overdue: Pod[] = [];
  const waits: number[] = [];
  for (const pod of pods) {
    const time = status?.disruptedPods?.[pod.metadata.name];
    if (time === undefined || pod.metadata.deletionTimestamp) continue;
    const leftMs = (parseTime(time) ?? nowMs) + evictionPatienceMs - nowMs;
    if (leftMs <= 0) {
      overdue.push(pod);
      continue;
    }
    kept[pod.metadata.name] = time;
    waits.push(leftMs);
  }
  return { pods: kept, overdue, recheckMs: waits.length > 0 ? Math.min(...waits) : undefined };
}

/** The status that these pods mean, and so how many may be evicted now. */
export function computeStatus(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  targets: Targets,
  disrupted: Disrupted["pods"],
  nowMs: number,
): PodDisruptionBudgetStatus {
  const isCounted = ({ metadata }: Pod) => !metadata.deletionTimestamp && disrupted[metadata.name] === undefined;
  const currentHealthy = pods.filter((pod) => isCounted(pod) && isPodReady(pod)).length;
  const spare = targets.expectedPods > 0 ? Math.max(0, currentHealthy - targets.desiredHealthy) : 0;
  const [status, reason] = spare > 0 ? ["True", "SufficientPods"] : ["False", "InsufficientPods"];
  return {
    ...(budget.metadata.generation !== undefined && { observedGeneration: budget.metadata.generation }),
    ...(Object.keys(disrupted).length > 0 && { disruptedPods: disrupted }),
    disruptionsAllowed: spare,
    currentHealthy,
    desiredHealthy: targets.desiredHealthy,
    expectedPods: targets.expectedPods,
    conditions: withDisruptionAllowed(budget, { status: status ?? "", reason: reason ?? "", message: "" }, nowMs),
  };
}

/** Nothing may be evicted while nobody can say how many pods there should be. */
export function failedStatus(budget: PodDisruptionBudget, message: string, nowMs: number): PodDisruptionBudgetStatus {
  const before = budget.status ?? { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  return {
    ...before,
    disruptionsAllowed: 0,
    conditions: withDisruptionAllowed(budget, { status: "False", reason: "SyncFailed", message }, nowMs),
  };
}

function withDisruptionAllowed(
  { metadata, status }: PodDisruptionBudget,
  facts: Pick<Condition, "status" | "reason" | "message">,
  nowMs: number,
): Condition[] {
  const type = "DisruptionAllowed";
  const conditions = status?.conditions ?? [];
  const before = conditions.find((one) => one.type === type);
  const lastTransitionTime = before?.status === facts.status ? before.lastTransitionTime : formatTime(nowMs);
  const condition: Condition = { type, ...facts, lastTransitionTime, observedGeneration: metadata.generation };
  return before ? conditions.map((one) => (one === before ? condition : one)) : [...conditions, condition];
}
