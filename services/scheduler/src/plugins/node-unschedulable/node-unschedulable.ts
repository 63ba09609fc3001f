import { action } from "../../framework/events.ts";
import type { PluginDefinition } from "../../framework/handle.ts";
import { unresolvable } from "../../framework/status.ts";
import { isTolerated } from "../../framework/taints.ts";

const taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };
const cordoned = unresolvable("node(s) were unschedulable");

/** Keeps pods off cordoned nodes, unless they tolerate that. */
export const nodeUnschedulable: PluginDefinition = {
  name: "NodeUnschedulable",
  create: () => ({
    name: "NodeUnschedulable",
    filter(_state, { pod }, { node }) {
      if (!node?.spec?.unschedulable) return undefined;
      return isTolerated(taint, pod.spec?.tolerations ?? []) ? undefined : cordoned;
    },
    eventsToRegister: () => [
      { resource: "Node", actions: action.add | action.updateNodeTaint },
      { resource: "UnscheduledPod", actions: action.updatePodToleration },
    ],
  }),
};
