import { action } from "../../framework/events.ts";
import type { PluginDefinition } from "../../framework/handle.ts";
import { unresolvable } from "../../framework/status.ts";

const otherName = unresolvable("node(s) didn't match the requested node name");

/** Holds a pod to the node that its spec names. */
export const nodeName: PluginDefinition = {
  name: "NodeName",
  create: () => ({
    name: "NodeName",
    filter(_state, { pod }, node) {
      const wanted = pod.spec?.nodeName;
      return wanted && wanted !== node.name ? otherName : undefined;
    },
    eventsToRegister: () => [{ resource: "Node", actions: action.add }],
  }),
};
