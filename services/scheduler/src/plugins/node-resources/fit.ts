import type { Node, Pod } from "@tskube/api";
import { action } from "../../framework/events.ts";
import type { PluginDefinition } from "../../framework/handle.ts";
import type { NodeInfo } from "../../framework/node-info.ts";
import { type PodInfo, podInfoOf } from "../../framework/pod-info.ts";
import { amountOf, type Resources, resourcesOf } from "../../framework/resources.ts";
import { unresolvable, unschedulable, type Verdict } from "../../framework/status.ts";
import { type ScoringStrategy, scorerOf } from "./strategies.ts";

interface FitArgs {
  readonly ignoredResources?: readonly string[];
  readonly ignoredResourceGroups?: readonly string[];
  readonly scoringStrategy?: ScoringStrategy;
}

/** Puts pods only where what they ask for is free, and prefers nodes by how much they have given away. */
export const nodeResourcesFit: PluginDefinition = {
  name: "NodeResourcesFit",
  create(rawArgs) {
    const args = (rawArgs ?? {}) as FitArgs;
    const score = scorerOf(args.scoringStrategy);
    const isIgnored = ignoring(args);
    return {
      name: "NodeResourcesFit",
      filter: (_state, pod, node) => fits(pod, node, isIgnored),
      score: (_state, pod, node) => score(pod, node),
      eventsToRegister: () => [
        {
          resource: "AssignedPod",
          actions: action.delete | action.updatePodScaleDown,
          hint: (pod, old) => (old && frees(podInfoOf(old as Pod), pod) ? "Queue" : "Skip"),
        },
        // What the pod itself asks for may shrink.
        { resource: "UnscheduledPod", actions: action.updatePodScaleDown },
        {
          resource: "Node",
          actions: action.add | action.updateNodeAllocatable,
          hint: (pod, _old, node) => (couldHold(node as Node, pod, isIgnored) ? "Queue" : "Skip"),
        },
      ],
    };
  },
};

type IsIgnored = (resource: string) => boolean;

/** Extended resources that another component sees to, by name or by group. */
function ignoring({ ignoredResources = [], ignoredResourceGroups = [] }: FitArgs): IsIgnored {
  const names = new Set(ignoredResources);
  const groups = new Set(ignoredResourceGroups);
  return (resource) => names.has(resource) || (resource.includes("/") && groups.has(resource.split("/")[0] ?? ""));
}

export function fits(pod: PodInfo, node: NodeInfo, isIgnored: IsIgnored = () => false): Verdict {
  const { requests } = pod;
  const { requested, allocatable } = node;
  let reasons: string[] | undefined;
  let isHopeless = false;
  const lacking = (reason: string, isOverAll: boolean) => {
    reasons ??= [];
    reasons.push(reason);
    isHopeless ||= isOverAll;
  };
  if (node.pods.size + 1 > allocatable.pods) lacking("Too many pods", false);
  if (requests.milliCpu > 0 && requests.milliCpu > allocatable.milliCpu - requested.milliCpu)
    lacking("Insufficient cpu", requests.milliCpu > allocatable.milliCpu);
  if (requests.memory > 0 && requests.memory > allocatable.memory - requested.memory)
    lacking("Insufficient memory", requests.memory > allocatable.memory);
  if (
    requests.ephemeralStorage > 0 &&
    requests.ephemeralStorage > allocatable.ephemeralStorage - requested.ephemeralStorage
  )
    lacking("Insufficient ephemeral-storage", requests.ephemeralStorage > allocatable.ephemeralStorage);
  if (requests.scalars) {
    for (const [name, amount] of requests.scalars) {
      if (amount === 0 || isIgnored(name)) continue;
      const total = allocatable.scalars?.get(name) ?? 0;
      if (amount > total - (requested.scalars?.get(name) ?? 0)) lacking(`Insufficient ${name}`, amount > total);
    }
  }
  if (!reasons) return undefined;
  return isHopeless ? unresolvable(...reasons) : unschedulable(...reasons);
}

/** Whether the end (or shrinking) of `gone` gives back anything that `pod` asks for; its place among the node's pods counts too. */
function frees(gone: PodInfo, pod: PodInfo): boolean {
  if (gone.pod.spec?.nodeName) return true;
  return namesOf(pod.requests).some((name) => amountOf(gone.requests, name) > 0);
}

function couldHold(node: Node | undefined, pod: PodInfo, isIgnored: IsIgnored): boolean {
  const allocatable = resourcesOf(node?.status?.allocatable);
  if (allocatable.pods < 1) return false;
  return namesOf(pod.requests).every(
    (name) => isIgnored(name) || amountOf(pod.requests, name) <= amountOf(allocatable, name),
  );
}

function namesOf({ scalars }: Resources): string[] {
  return ["cpu", "memory", "ephemeral-storage", ...(scalars?.keys() ?? [])];
}
