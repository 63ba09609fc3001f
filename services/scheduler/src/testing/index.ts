export { makeNode, makeNodeInfo, makePod, makePodInfo, type NodeDraft, type PodDraft } from "./builders.ts";
export { PluginBench } from "./plugin-bench.ts";
export { SchedulerBench } from "./scheduler-bench.ts";
