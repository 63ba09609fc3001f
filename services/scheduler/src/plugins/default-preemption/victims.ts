import type { PodInfo } from "../../framework/pod-info.ts";

/** Pods that would have to go from one node. */
export interface Candidate {
  readonly nodeName: string;
  /** The most important first; never empty. */
  readonly victims: readonly PodInfo[];
  /** How many of them a disruption budget would want to keep. */
  readonly pdbViolations: number;
}

/** When a pod began to run; one that has not counts as the latest. */
export function startMs({ pod }: PodInfo): number {
  const started = pod.status?.startTime;
  return started ? Date.parse(started) : Number.MAX_SAFE_INTEGER;
}

/** The higher priority first, then whoever has run longer. */
export function byImportance(a: PodInfo, b: PodInfo): number {
  return b.priority - a.priority || startMs(a) - startMs(b);
}

/** Makes sums of priorities comparable when some are negative: more pods are always more. */
const priorityOffset = 2 ** 31;

/** Each figure breaks the ties of those before it; less is better. */
const criteria: readonly ((candidate: Candidate) => number)[] = [
  ({ pdbViolations }) => pdbViolations,
  ({ victims }) => victims[0]?.priority ?? 0,
  ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + priorityOffset, 0),
  ({ victims }) => victims.length,
  // Of the most important victims the one that has run longest counts, and a young one is the smaller loss.
  ({ victims }) => -Math.min(...victims.filter(({ priority }) => priority === victims[0]?.priority).map(startMs)),
];

/** The candidate whose preemption does the least harm; the first of equals. */
export function leastHarm(candidates: readonly Candidate[]): Candidate | undefined {
  let left = candidates;
  for (const figure of criteria) {
    if (left.length < 2) break;
    const figures = left.map(figure);
    const least = figures.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    left = left.filter((_, i) => figures[i] === least);
  }
  return left[0];
}
