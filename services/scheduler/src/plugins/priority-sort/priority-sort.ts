import type { PluginDefinition } from "../../framework/handle.ts";

/** The higher priority first, then whoever waits longer. */
export const prioritySort: PluginDefinition = {
  name: "PrioritySort",
  create: () => ({
    name: "PrioritySort",
    less: (a, b) =>
      a.info.priority > b.info.priority || (a.info.priority === b.info.priority && a.timestampMs < b.timestampMs),
  }),
};
