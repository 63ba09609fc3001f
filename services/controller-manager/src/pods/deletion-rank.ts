import type { Pod } from "@tskube/api";
import { parseTime } from "@tskube/apimachinery";
import { isPodReady, readyCondition } from "./pod-state.ts";

const costAnnotation = "controller.kubernetes.io/pod-deletion-cost";
const phaseOrder: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * Puts the pods first that are missed least, upstream's order: not assigned, not started, not ready, cheap by annotation, on a node with many of
 * the same, ready for a short time, often restarted, young. `related` are the pods that count for crowding, those of the same owner.
 */
export function rankForDeletion(pods: readonly Pod[], related: readonly Pod[], nowMs: number): Pod[] {
  const perNode = new Map<string, number>();
  for (const { spec } of related) {
    if (spec.nodeName) perNode.set(spec.nodeName, (perNode.get(spec.nodeName) ?? 0) + 1);
  }
  return pods
    .map((pod) => ({ pod, rank: rankOf(pod, perNode.get(pod.spec.nodeName ?? "") ?? 0, nowMs) }))
    .sort((a, b) => compare(a.rank, b.rank))
    .map(({ pod }) => pod);
}

/** Smaller at the first difference goes first. */
function rankOf(pod: Pod, crowd: number, nowMs: number): readonly number[] {
  const isReady = isPodReady(pod);
  const readySince = isReady ? parseTime(readyCondition(pod)?.lastTransitionTime ?? "") : undefined;
  const createdAt = parseTime(pod.metadata.creationTimestamp ?? "");
  const restarts = (pod.status?.containerStatuses ?? []).map(({ restartCount = 0 }) => restartCount);
  return [
    pod.spec.nodeName ? 1 : 0,
    phaseOrder[pod.status?.phase ?? "Pending"] ?? 0,
    isReady ? 1 : 0,
    deletionCost(pod),
    -crowd,
    isReady ? logarithmicAge(readySince, nowMs) : 0,
    -Math.max(0, ...restarts),
    logarithmicAge(createdAt, nowMs),
  ];
}

/** Ages that are alike count as one, so that it is not always the youngest of equals that goes. An absent time is the youngest. */
function logarithmicAge(sinceMs: number | undefined, nowMs: number): number {
  if (sinceMs === undefined) return -1;
  const seconds = Math.max(0, (nowMs - sinceMs) / 1000);
  return seconds < 1 ? 0 : Math.floor(Math.log2(seconds)) + 1;
}

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[costAnnotation] ?? "0";
  return /^-?\d+$/.test(text) ? Number(text) : 0;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
