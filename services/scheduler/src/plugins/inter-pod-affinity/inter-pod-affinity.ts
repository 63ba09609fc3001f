import type { KubeObject, Pod } from "@tskube/api";
import { type NamespaceLabels, termMatches } from "../../framework/affinity-terms.ts";
import { stateKey } from "../../framework/cycle-state.ts";
import { action, type QueueingHint } from "../../framework/events.ts";
import type { PluginDefinition } from "../../framework/handle.ts";
import { type PodInfo, podInfoOf } from "../../framework/pod-info.ts";
import { skip } from "../../framework/status.ts";
import { AffinityCounts } from "./filtering.ts";
import { preferences, stretchBetween } from "./scoring.ts";
import type { TopologyCounts } from "./topology-counts.ts";

interface InterPodAffinityArgs {
  readonly hardPodAffinityWeight?: number;
  readonly ignorePreferredTermsOfExistingPods?: boolean;
}

const countsKey = stateKey<AffinityCounts>("InterPodAffinity/counts");
const preferencesKey = stateKey<TopologyCounts>("InterPodAffinity/preferences");

/** Brings pods together and keeps them apart as their (anti-)affinity to other pods says. */
export const interPodAffinity: PluginDefinition = {
  name: "InterPodAffinity",
  create(rawArgs, { informers }) {
    const args = (rawArgs ?? {}) as InterPodAffinityArgs;
    const options = {
      hardPodAffinityWeight: args.hardPodAffinityWeight ?? 1,
      ignorePreferredTermsOfExistingPods: args.ignorePreferredTermsOfExistingPods ?? false,
    };
    const namespaces = informers.listers.namespaces;
    const namespaceLabels: NamespaceLabels = (name) => namespaces.get(name)?.metadata.labels;
    return {
      name: "InterPodAffinity",
      preFilter(state, pod, snapshot) {
        const counts = new AffinityCounts(namespaceLabels);
        counts.countAll(pod, snapshot);
        const { required, requiredAnti } = pod.affinity;
        if (counts.othersAnti.isEmpty && required.length === 0 && requiredAnti.length === 0) return skip;
        state.write(countsKey, counts);
        return undefined;
      },
      addPod: (state, pod, added, node) => state.read(countsKey)?.count(pod, added, node, 1),
      removePod: (state, pod, removed, node) => state.read(countsKey)?.count(pod, removed, node, -1),
      filter: (state, pod, node) => state.read(countsKey)?.verdict(pod, node),
      preScore(state, pod, _nodes, snapshot) {
        const counts = preferences(pod, snapshot, options, namespaceLabels);
        if (counts.isEmpty) return skip;
        state.write(preferencesKey, counts);
        return undefined;
      },
      score: (state, _pod, node) => state.read(preferencesKey)?.sumAt(node) ?? 0,
      normalizeScores: (_state, _pod, scores) => stretchBetween(scores),
      eventsToRegister: () => [
        {
          resource: "AssignedPod",
          actions: action.add | action.delete | action.updatePodLabel,
          hint: (pod, old, object) => matters(pod, old, object, namespaceLabels),
        },
        { resource: "UnscheduledPod", actions: action.updatePodLabel },
        { resource: "Node", actions: action.add | action.updateNodeLabel },
      ],
    };
  },
};

/** A pod that came, went or changed its labels matters when either of the two has something against or for the other. */
function matters(
  pod: PodInfo,
  old: KubeObject | undefined,
  object: KubeObject | undefined,
  namespaceLabels: NamespaceLabels,
): QueueingHint {
  const { required, requiredAnti } = pod.affinity;
  for (const one of [old, object]) {
    if (!one) continue;
    const other = podInfoOf(one as Pod);
    const isNamed = [...required, ...requiredAnti].some((term) => termMatches(term, other.pod, namespaceLabels));
    if (isNamed || other.affinity.requiredAnti.some((term) => termMatches(term, pod.pod, namespaceLabels)))
      return "Queue";
  }
  return "Skip";
}
