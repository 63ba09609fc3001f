import type { Pod, TopologySpreadConstraint } from "@tskube/api";
import { createSelector, type LabelSelector } from "@tskube/apimachinery";
import { selectorOrNothing } from "../../framework/affinity-terms.ts";
import { labelsOf, type NodeInfo } from "../../framework/node-info.ts";
import { hasUntoleratedTaint } from "../../framework/taints.ts";
import { matchesRequired, type RequiredNode } from "../node-affinity/node-affinity.ts";

/** A spread constraint of a pod, compiled. */
export interface Constraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly selector: LabelSelector;
  readonly minDomains: number;
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
  /** Tells selectors apart; with the namespace, for counts that are kept. */
  readonly id: string;
}

export type WhenUnsatisfiable = "DoNotSchedule" | "ScheduleAnyway";

export function compileConstraints(pod: Pod, when: WhenUnsatisfiable): Constraint[] {
  return (pod.spec?.topologySpreadConstraints ?? [])
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === when)
    .map((constraint) => compile(constraint, withLabelKeys(pod, constraint), pod));
}

export function compile(constraint: TopologySpreadConstraint, selector: LabelSelector, pod: Pod): Constraint {
  return {
    maxSkew: constraint.maxSkew,
    topologyKey: constraint.topologyKey,
    selector,
    minDomains: constraint.minDomains ?? 1,
    honorsAffinity: (constraint.nodeAffinityPolicy ?? "Honor") === "Honor",
    honorsTaints: (constraint.nodeTaintsPolicy ?? "Ignore") === "Honor",
    id: `${pod.metadata.namespace ?? ""}/${selector.isNothing ? "\0" : selector.toString()}`,
  };
}

/** Pods of the same values under `matchLabelKeys` count only: those of the same revision, say. */
function withLabelKeys(pod: Pod, { labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint): LabelSelector {
  const selector = selectorOrNothing(labelSelector);
  const labels = pod.metadata.labels ?? {};
  const more = matchLabelKeys.flatMap((key) => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator: "in" as const, values: [value] }];
  });
  return more.length === 0 || selector.isNothing ? selector : createSelector([...selector.requirements, ...more]);
}

/** Whether a node counts for the constraint. */
export function includes(constraint: Constraint, pod: Pod, required: RequiredNode, node: NodeInfo): boolean {
  if (constraint.honorsAffinity && !matchesRequired(required, node)) return false;
  return !constraint.honorsTaints || !hasUntoleratedTaint(node.node?.spec?.taints ?? [], pod.spec?.tolerations ?? []);
}

export function hasAllKeys(constraints: readonly Constraint[], node: NodeInfo): boolean {
  const labels = labelsOf(node);
  return constraints.every(({ topologyKey }) => labels[topologyKey] !== undefined);
}

/** Nodes of a snapshot are replaced when they change, so what was counted on one stays true for as long as it is there. */
const counted = new WeakMap<NodeInfo, Map<string, number>>();

/** How many pods on a node of a snapshot the constraint speaks of. */
export function matchingPods(node: NodeInfo, { selector, id }: Constraint, namespace: string): number {
  if (node.pods.size === 0 || selector.isNothing) return 0;
  let counts = counted.get(node);
  if (!counts) {
    counts = new Map();
    counted.set(node, counts);
  }
  let count = counts.get(id);
  if (count === undefined) {
    count = 0;
    for (const { pod } of node.pods.values()) if (isCounted(pod, selector, namespace)) count++;
    counts.set(id, count);
  }
  return count;
}

/** Pods that are going do not count. */
export function isCounted(pod: Pod, selector: LabelSelector, namespace: string): boolean {
  return (
    pod.metadata.namespace === namespace && !pod.metadata.deletionTimestamp && selector.matches(pod.metadata.labels)
  );
}
