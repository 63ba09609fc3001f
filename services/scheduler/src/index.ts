export { readConfiguration, type SchedulerConfiguration } from "./config/scheduler-configuration.ts";
export { type Config, options, readKind } from "./config.ts";
export { type AssembledScheduler, createScheduler, type SchedulerParts } from "./create-scheduler.ts";
export { CycleState, type StateKey, stateKey } from "./framework/cycle-state.ts";
export { action, type ClusterEvent, type EventInterest } from "./framework/events.ts";
export type { Handle, PluginDefinition } from "./framework/handle.ts";
export type { NodeInfo } from "./framework/node-info.ts";
export type { PodInfo } from "./framework/pod-info.ts";
export type { Plugin } from "./framework/points.ts";
export type { Snapshot } from "./framework/snapshot.ts";
export {
  failure,
  pending,
  type Status,
  skip,
  unresolvable,
  unschedulable,
  type Verdict,
  wait,
} from "./framework/status.ts";
export { type Deps, run } from "./server.ts";
