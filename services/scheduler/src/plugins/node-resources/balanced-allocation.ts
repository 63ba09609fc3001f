import { action } from "../../framework/events.ts";
import type { PluginDefinition } from "../../framework/handle.ts";
import { maxNodeScore } from "../../framework/points.ts";
import { amountOf } from "../../framework/resources.ts";
import { skip } from "../../framework/status.ts";
import { defaultResources, usageWith } from "./scoring.ts";

interface BalancedArgs {
  readonly resources?: readonly { readonly name: string }[];
}

/** Prefers nodes whose resources would be used up evenly. */
export const nodeResourcesBalancedAllocation: PluginDefinition = {
  name: "NodeResourcesBalancedAllocation",
  create(args) {
    const given = (args as BalancedArgs | undefined)?.resources;
    const names = (given?.length ? given : defaultResources).map(({ name }) => name);
    return {
      name: "NodeResourcesBalancedAllocation",
      // A pod that asks for nothing changes no node's balance.
      preScore: (_state, { requests }) => (names.every((name) => amountOf(requests, name) === 0) ? skip : undefined),
      score(_state, pod, node) {
        const shares: number[] = [];
        for (const name of names) {
          const usage = usageWith(pod, node, name, false);
          if (usage) shares.push(Math.min(1, usage.requested / usage.allocatable));
        }
        return Math.trunc((1 - deviation(shares)) * maxNodeScore);
      },
      eventsToRegister: () => [{ resource: "Node", actions: action.add | action.updateNodeAllocatable }],
    };
  },
};

/** The standard deviation. */
export function deviation(shares: readonly number[]): number {
  if (shares.length < 2) return 0;
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length);
}
