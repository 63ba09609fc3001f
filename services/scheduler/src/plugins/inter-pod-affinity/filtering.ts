import { type AffinityTerm, type NamespaceLabels, termMatches } from "../../framework/affinity-terms.ts";
import { labelsOf, type NodeInfo } from "../../framework/node-info.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import type { Snapshot } from "../../framework/snapshot.ts";
import { unresolvable, unschedulable, type Verdict } from "../../framework/status.ts";
import { TopologyCounts } from "./topology-counts.ts";

const affinityFails = unresolvable("node(s) didn't match pod affinity rules");
const antiAffinityFails = unschedulable("node(s) didn't match pod anti-affinity rules");
const othersObject = unschedulable("node(s) didn't satisfy existing pods anti-affinity rules");

/** Where the pods stand that matter to one incoming pod; follows trials. */
export class AffinityCounts {
  /** Terms of other pods that want to be apart from the incoming one. */
  readonly othersAnti: TopologyCounts;
  /** Pods that match all of the incoming pod's affinity terms. */
  readonly affinity: TopologyCounts;
  /** Pods that match the incoming pod's anti-affinity terms, each. */
  readonly anti: TopologyCounts;
  readonly #namespaceLabels: NamespaceLabels;

  constructor(namespaceLabels: NamespaceLabels, copyOf?: AffinityCounts) {
    this.#namespaceLabels = namespaceLabels;
    this.othersAnti = copyOf?.othersAnti.clone() ?? new TopologyCounts();
    this.affinity = copyOf?.affinity.clone() ?? new TopologyCounts();
    this.anti = copyOf?.anti.clone() ?? new TopologyCounts();
  }

  clone(): AffinityCounts {
    return new AffinityCounts(this.#namespaceLabels, this);
  }

  /** Only nodes whose pods object are looked at, unless the pod has terms of its own. */
  countAll(pod: PodInfo, snapshot: Snapshot): void {
    for (const node of snapshot.withRequiredAntiAffinity) {
      for (const other of node.podsWithRequiredAntiAffinity.values()) this.#countObjections(pod, other, node, 1);
    }
    if (pod.affinity.required.length === 0 && pod.affinity.requiredAnti.length === 0) return;
    for (const node of snapshot.nodes) {
      for (const other of node.pods.values()) this.#countWanted(pod, other, node, 1);
    }
  }

  count(pod: PodInfo, other: PodInfo, node: NodeInfo, sign: 1 | -1): void {
    this.#countObjections(pod, other, node, sign);
    this.#countWanted(pod, other, node, sign);
  }

  verdict(pod: PodInfo, node: NodeInfo): Verdict {
    if (!this.#satisfiesAffinity(pod, node)) return affinityFails;
    for (const term of pod.affinity.requiredAnti)
      if (this.anti.at(node, term.topologyKey) > 0) return antiAffinityFails;
    return this.othersAnti.touches(node) ? othersObject : undefined;
  }

  #satisfiesAffinity(pod: PodInfo, node: NodeInfo): boolean {
    const { required } = pod.affinity;
    let isNearAll = true;
    for (const { topologyKey } of required) {
      if (labelsOf(node)[topologyKey] === undefined) return false;
      if (this.affinity.at(node, topologyKey) === 0) isNearAll = false;
    }
    // The first of a group that wants to be together has nobody to be near to.
    return isNearAll || (this.affinity.isEmpty && this.#matchesAll(required, pod));
  }

  #countObjections(pod: PodInfo, other: PodInfo, node: NodeInfo, sign: 1 | -1): void {
    for (const term of other.affinity.requiredAnti) {
      if (termMatches(term, pod.pod, this.#namespaceLabels)) this.othersAnti.add(node, term.topologyKey, sign);
    }
  }

  #countWanted(pod: PodInfo, other: PodInfo, node: NodeInfo, sign: 1 | -1): void {
    const { required, requiredAnti } = pod.affinity;
    if (required.length > 0 && this.#matchesAll(required, other)) {
      for (const { topologyKey } of required) this.affinity.add(node, topologyKey, sign);
    }
    for (const term of requiredAnti) {
      if (termMatches(term, other.pod, this.#namespaceLabels)) this.anti.add(node, term.topologyKey, sign);
    }
  }

  #matchesAll(terms: readonly AffinityTerm[], { pod }: PodInfo): boolean {
    return terms.every((term) => termMatches(term, pod, this.#namespaceLabels));
  }
}
