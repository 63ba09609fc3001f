import type { NodeInfo } from "../../framework/node-info.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import { amountOf } from "../../framework/resources.ts";

export interface WeightedResource {
  readonly name: string;
  readonly weight: number;
}

export interface Usage {
  /** With the pod in question. */
  readonly requested: number;
  readonly allocatable: number;
}

export const defaultResources: readonly WeightedResource[] = [
  { name: "cpu", weight: 1 },
  { name: "memory", weight: 1 },
];

/**
 * How much of a resource a node would have given away with the pod on it; absent when the resource does not count here: the node has
 * none, or it is an extended one that the pod does not ask for. `isNonZero` counts pods that ask for nothing with defaults.
 */
export function usageWith(pod: PodInfo, node: NodeInfo, name: string, isNonZero: boolean): Usage | undefined {
  const allocatable = amountOf(node.allocatable, name);
  if (allocatable === 0) return undefined;
  if (name === "cpu" && isNonZero) return { allocatable, requested: node.nonZeroMilliCpu + pod.nonZero.milliCpu };
  if (name === "memory" && isNonZero) return { allocatable, requested: node.nonZeroMemory + pod.nonZero.memory };
  const wanted = amountOf(pod.requests, name);
  if (wanted === 0 && isScalar(name)) return undefined;
  return { allocatable, requested: amountOf(node.requested, name) + wanted };
}

function isScalar(name: string): boolean {
  return name !== "cpu" && name !== "memory" && name !== "ephemeral-storage";
}
