/** Sizes of a cluster and how long its kubelets may trust what they have read. */
interface Step {
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
}

/** They overlap, so that a cluster at a border does not go to and fro. Upstream's numbers. */
export const steps: readonly Step[] = [
  { from: 0, to: 100, seconds: 0 },
  { from: 90, to: 500, seconds: 15 },
  { from: 450, to: 1000, seconds: 30 },
  { from: 900, to: 2000, seconds: 60 },
  { from: 1800, to: Number.POSITIVE_INFINITY, seconds: 300 },
];

/** The step for a number of nodes: the present one as long as it fits. */
export function stepFor(nodes: number, present: number): number {
  let step = present;
  while (nodes > (steps[step]?.to ?? nodes)) step++;
  while (nodes < (steps[step]?.from ?? nodes)) step--;
  return step;
}
