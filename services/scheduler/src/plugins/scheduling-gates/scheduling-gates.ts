import { action } from "../../framework/events.ts";
import type { PluginDefinition } from "../../framework/handle.ts";
import { unresolvable } from "../../framework/status.ts";

/** Keeps pods out of the queue while they have scheduling gates. */
export const schedulingGates: PluginDefinition = {
  name: "SchedulingGates",
  create: () => ({
    name: "SchedulingGates",
    preEnqueue({ pod }) {
      const gates = pod.spec?.schedulingGates ?? [];
      if (gates.length === 0) return undefined;
      return unresolvable(`waiting for scheduling gates: [${gates.map(({ name }) => name).join(" ")}]`);
    },
    eventsToRegister: () => [
      {
        resource: "UnscheduledPod",
        actions: action.updatePodSchedulingGatesEliminated,
        hint: ({ uid }, _old, pod) => (pod?.metadata.uid === uid ? "Queue" : "Skip"),
      },
    ],
  }),
};
