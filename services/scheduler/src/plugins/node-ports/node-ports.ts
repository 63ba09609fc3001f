import type { Pod } from "@tskube/api";
import { action } from "../../framework/events.ts";
import type { PluginDefinition } from "../../framework/handle.ts";
import { hostPortsOf, portsConflict } from "../../framework/host-ports.ts";
import { skip, unschedulable } from "../../framework/status.ts";

const taken = unschedulable("node(s) didn't have free ports for the requested pod ports");

/** Keeps pods apart that want the same port of a node's own address. */
export const nodePorts: PluginDefinition = {
  name: "NodePorts",
  create: () => ({
    name: "NodePorts",
    preFilter: (_state, { hostPorts }) => (hostPorts.length === 0 ? skip : undefined),
    filter(_state, { hostPorts }, node) {
      for (const others of node.hostPorts.values()) {
        if (others.some((other) => hostPorts.some((port) => portsConflict(port, other)))) return taken;
      }
      return undefined;
    },
    eventsToRegister: () => [
      {
        resource: "AssignedPod",
        actions: action.delete,
        hint({ hostPorts }, old) {
          const freed = old ? hostPortsOf(old as Pod) : [];
          return freed.some((one) => hostPorts.some((port) => portsConflict(port, one))) ? "Queue" : "Skip";
        },
      },
      { resource: "Node", actions: action.add },
    ],
  }),
};
