import type { Toleration } from "@tskube/api";
import { stateKey } from "../../framework/cycle-state.ts";
import { action } from "../../framework/events.ts";
import type { PluginDefinition } from "../../framework/handle.ts";
import { stretchScores } from "../../framework/normalize.ts";
import { unresolvable } from "../../framework/status.ts";
import { hasUntoleratedTaint, isTolerated } from "../../framework/taints.ts";

const preferKey = stateKey<readonly Toleration[]>("TaintToleration/prefer");
const tainted = unresolvable("node(s) had untolerated taint(s)");

/** Keeps pods off nodes whose taints they do not tolerate, and prefers nodes with fewer soft ones. */
export const taintToleration: PluginDefinition = {
  name: "TaintToleration",
  create: () => ({
    name: "TaintToleration",
    filter(_state, { pod }, { node }) {
      const taints = node?.spec?.taints;
      if (!taints?.length) return undefined;
      return hasUntoleratedTaint(taints, pod.spec?.tolerations ?? []) ? tainted : undefined;
    },
    preScore(state, { pod }) {
      const tolerations = pod.spec?.tolerations ?? [];
      state.write(
        preferKey,
        tolerations.filter(({ effect }) => !effect || effect === "PreferNoSchedule"),
      );
      return undefined;
    },
    score(state, _pod, { node }) {
      const taints = node?.spec?.taints;
      if (!taints?.length) return 0;
      const tolerations = state.read(preferKey) ?? [];
      return taints.filter((taint) => taint.effect === "PreferNoSchedule" && !isTolerated(taint, tolerations)).length;
    },
    normalizeScores: (_state, _pod, scores) => stretchScores(scores, true),
    eventsToRegister: () => [
      { resource: "Node", actions: action.add | action.updateNodeTaint },
      { resource: "UnscheduledPod", actions: action.updatePodToleration },
    ],
  }),
};
