import type { NodeInfo } from "../../framework/node-info.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import { maxNodeScore } from "../../framework/points.ts";
import { defaultResources, type Usage, usageWith, type WeightedResource } from "./scoring.ts";

export type NodeScorer = (pod: PodInfo, node: NodeInfo) => number;

export interface ShapePoint {
  /** Percent. */
  readonly utilization: number;
  /** 0 to 10. */
  readonly score: number;
}

export interface ScoringStrategy {
  readonly type?: string;
  readonly resources?: readonly { readonly name: string; readonly weight?: number }[];
  readonly requestedToCapacityRatio?: { readonly shape?: readonly ShapePoint[] };
}

const maxCustomScore = 10;

/** The scorer of a `scoringStrategy`. Throws a sentence when it is wrong. */
export function scorerOf(strategy: ScoringStrategy = {}): NodeScorer {
  const resources = strategy.resources?.length
    ? strategy.resources.map(({ name, weight }) => ({ name, weight: weight || 1 }))
    : defaultResources;
  switch (strategy.type ?? "LeastAllocated") {
    case "LeastAllocated":
      return weighted(resources, leastAllocated);
    case "MostAllocated":
      return weighted(resources, mostAllocated);
    case "RequestedToCapacityRatio":
      return byShape(resources, strategy.requestedToCapacityRatio?.shape ?? []);
    default:
      throw new Error(`scoringStrategy.type: unsupported value ${JSON.stringify(strategy.type)}`);
  }
}

function leastAllocated({ requested, allocatable }: Usage): number {
  return requested > allocatable ? 0 : Math.floor(((allocatable - requested) * maxNodeScore) / allocatable);
}

function mostAllocated({ requested, allocatable }: Usage): number {
  return Math.floor((Math.min(requested, allocatable) * maxNodeScore) / allocatable);
}

function weighted(resources: readonly WeightedResource[], scoreOf: (usage: Usage) => number): NodeScorer {
  return (pod, node) => {
    let sum = 0;
    let weights = 0;
    for (const { name, weight } of resources) {
      const usage = usageWith(pod, node, name, true);
      if (!usage) continue;
      sum += scoreOf(usage) * weight;
      weights += weight;
    }
    return weights === 0 ? 0 : Math.floor(sum / weights);
  };
}

/** Resources that score nothing do not count, as upstream's. */
function byShape(resources: readonly WeightedResource[], shape: readonly ShapePoint[]): NodeScorer {
  const scoreAt = brokenLine(shape);
  return (pod, node) => {
    let sum = 0;
    let weights = 0;
    for (const { name, weight } of resources) {
      const usage = usageWith(pod, node, name, true);
      if (!usage) continue;
      const percent = Math.min(100, Math.floor((usage.requested * 100) / usage.allocatable));
      const score = scoreAt(usage.requested > usage.allocatable ? 100 : percent);
      if (score <= 0) continue;
      sum += score * weight;
      weights += weight;
    }
    return weights === 0 ? 0 : Math.round(sum / weights);
  };
}

function brokenLine(shape: readonly ShapePoint[]): (utilization: number) => number {
  if (shape.length === 0) throw new Error("requestedToCapacityRatio.shape: at least one point must be specified");
  const points = shape.map(({ utilization, score }) => ({
    x: utilization,
    y: (score * maxNodeScore) / maxCustomScore,
  }));
  for (let i = 1; i < points.length; i++) {
    if ((points[i]?.x ?? 0) <= (points[i - 1]?.x ?? 0))
      throw new Error("requestedToCapacityRatio.shape: utilization values must be sorted in increasing order");
  }
  return (x) => {
    const next = points.findIndex((point) => x <= point.x);
    if (next < 0) return points.at(-1)?.y ?? 0;
    const to = points[next];
    const from = points[next - 1];
    if (!to) return 0;
    if (!from) return to.y;
    return from.y + Math.trunc(((to.y - from.y) * (x - from.x)) / (to.x - from.x));
  };
}
