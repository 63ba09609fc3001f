import { type AffinityTerm, type NamespaceLabels, termMatches } from "../../framework/affinity-terms.ts";
import type { NodeInfo } from "../../framework/node-info.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import { maxNodeScore } from "../../framework/points.ts";
import type { Snapshot } from "../../framework/snapshot.ts";
import { TopologyCounts } from "./topology-counts.ts";

export interface ScoringOptions {
  /** How much a required term of another pod that names this one counts in its favour. */
  readonly hardPodAffinityWeight: number;
  readonly ignorePreferredTermsOfExistingPods: boolean;
}

/** What pods on nodes make of the incoming one, and it of them, per topology value. */
export function preferences(
  pod: PodInfo,
  snapshot: Snapshot,
  options: ScoringOptions,
  namespaceLabels: NamespaceLabels,
): TopologyCounts {
  const counts = new TopologyCounts();
  const { preferred, preferredAnti } = pod.affinity;
  const hasOwn = preferred.length > 0 || preferredAnti.length > 0;
  if (!hasOwn && options.ignorePreferredTermsOfExistingPods) return counts;

  const count = (term: AffinityTerm, matched: PodInfo, node: NodeInfo, weight: number) => {
    if (weight !== 0 && termMatches(term, matched.pod, namespaceLabels)) counts.add(node, term.topologyKey, weight);
  };
  // A pod without preferences of its own only meets the pods that have some.
  for (const node of hasOwn ? snapshot.nodes : snapshot.withAffinity) {
    for (const other of (hasOwn ? node.pods : node.podsWithAffinity).values()) {
      for (const { term, weight } of preferred) count(term, other, node, weight);
      for (const { term, weight } of preferredAnti) count(term, other, node, -weight);
      for (const term of other.affinity.required) count(term, pod, node, options.hardPodAffinityWeight);
      if (options.ignorePreferredTermsOfExistingPods) continue;
      for (const { term, weight } of other.affinity.preferred) count(term, pod, node, weight);
      for (const { term, weight } of other.affinity.preferredAnti) count(term, pod, node, -weight);
    }
  }
  return counts;
}

/** Stretches scores, negative ones among them, between the smallest and the largest. */
export function stretchBetween(scores: number[]): void {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const score of scores) {
    least = Math.min(least, score);
    most = Math.max(most, score);
  }
  for (let i = 0; i < scores.length; i++) {
    scores[i] = most > least ? Math.trunc((maxNodeScore * ((scores[i] as number) - least)) / (most - least)) : 0;
  }
}
