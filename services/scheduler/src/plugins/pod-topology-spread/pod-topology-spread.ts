import type { Pod, TopologySpreadConstraint } from "@tskube/api";
import { stateKey } from "../../framework/cycle-state.ts";
import { action } from "../../framework/events.ts";
import type { PluginDefinition } from "../../framework/handle.ts";
import { skip } from "../../framework/status.ts";
import { type Constraint, compile, compileConstraints, type WhenUnsatisfiable } from "./constraints.ts";
import { defaultSelector, type OwnerListers } from "./default-selector.ts";
import { SpreadState } from "./filtering.ts";
import { SpreadScores } from "./scoring.ts";

interface PodTopologySpreadArgs {
  readonly defaultConstraints?: readonly TopologySpreadConstraint[];
  /** `System` (the default): hosts and zones, as wishes. `List`: `defaultConstraints`. */
  readonly defaultingType?: string;
}

const systemDefaults: readonly TopologySpreadConstraint[] = [
  { topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway", maxSkew: 3 },
  { topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway", maxSkew: 5 },
];

const filterKey = stateKey<SpreadState>("PodTopologySpread/filter");
const scoreKey = stateKey<SpreadScores>("PodTopologySpread/score");

/** Spreads pods that belong together over hosts, zones or other domains. */
export const podTopologySpread: PluginDefinition = {
  name: "PodTopologySpread",
  create(rawArgs, { informers }) {
    const args = (rawArgs ?? {}) as PodTopologySpreadArgs;
    const isSystem = (args.defaultingType ?? "System") === "System";
    const defaults = isSystem ? systemDefaults : (args.defaultConstraints ?? []);
    const { services, replicationcontrollers, replicasets, statefulsets } = informers.listers;
    const listers: OwnerListers = { services, replicationcontrollers, replicasets, statefulsets };
    const constraintsOf = (pod: Pod, when: WhenUnsatisfiable): Constraint[] =>
      pod.spec?.topologySpreadConstraints?.length
        ? compileConstraints(pod, when)
        : defaultConstraints(pod, when, defaults, listers);
    return {
      name: "PodTopologySpread",
      preFilter(state, pod, snapshot) {
        const constraints = constraintsOf(pod.pod, "DoNotSchedule");
        if (constraints.length === 0) return skip;
        state.write(filterKey, SpreadState.of(pod, constraints, snapshot));
        return undefined;
      },
      addPod: (state, pod, added, node) => state.read(filterKey)?.count(pod, added, node, 1),
      removePod: (state, pod, removed, node) => state.read(filterKey)?.count(pod, removed, node, -1),
      filter: (state, pod, node) => state.read(filterKey)?.verdict(pod, node),
      preScore(state, pod, nodes, snapshot) {
        const constraints = constraintsOf(pod.pod, "ScheduleAnyway");
        if (constraints.length === 0) return skip;
        const needsAllKeys = !isSystem || (pod.pod.spec?.topologySpreadConstraints?.length ?? 0) > 0;
        state.write(scoreKey, new SpreadScores(pod, constraints, needsAllKeys, nodes, snapshot));
        return undefined;
      },
      score: (state, _pod, node) => state.read(scoreKey)?.scoreOf(node) ?? 0,
      normalizeScores: (state, _pod, scores, nodes) => state.read(scoreKey)?.normalize(scores, nodes),
      eventsToRegister: () => [
        {
          resource: "AssignedPod",
          actions: action.add | action.delete | action.updatePodLabel,
          // Only pods of its namespace count.
          hint: ({ pod }, old, object) =>
            (object ?? old)?.metadata.namespace === pod.metadata.namespace ? "Queue" : "Skip",
        },
        { resource: "UnscheduledPod", actions: action.updatePodLabel | action.updatePodToleration },
        { resource: "Node", actions: action.add | action.delete | action.updateNodeLabel | action.updateNodeTaint },
      ],
    };
  },
};

/** What counts for pods that say nothing themselves: none, unless something tells which pods belong together. */
function defaultConstraints(
  pod: Pod,
  when: WhenUnsatisfiable,
  defaults: readonly TopologySpreadConstraint[],
  listers: OwnerListers,
): Constraint[] {
  const wanted = defaults.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === when);
  if (wanted.length === 0) return [];
  const selector = defaultSelector(pod, listers);
  return selector.isEmpty ? [] : wanted.map((constraint) => compile(constraint, selector, pod));
}
