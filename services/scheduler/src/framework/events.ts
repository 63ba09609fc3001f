import type { KubeObject } from "@tskube/api";
import type { PodInfo } from "./pod-info.ts";

/** What happened to an object, as bits: an event may be several things at once. */
export const action = {
  add: 1 << 0,
  delete: 1 << 1,
  updateNodeAllocatable: 1 << 2,
  updateNodeLabel: 1 << 3,
  updateNodeTaint: 1 << 4,
  updateNodeCondition: 1 << 5,
  updateNodeAnnotation: 1 << 6,
  updatePodLabel: 1 << 7,
  /** An assigned pod asks for less, in place. */
  updatePodScaleDown: 1 << 8,
  updatePodToleration: 1 << 9,
  updatePodSchedulingGatesEliminated: 1 << 10,
  updateOther: 1 << 11,
  /** Any update. */
  update: 0xffc,
  all: 0xfff,
} as const;

export type EventResource =
  | "AssignedPod"
  | "UnscheduledPod"
  | "Node"
  | "PersistentVolume"
  | "PersistentVolumeClaim"
  | "StorageClass"
  | "CSINode"
  | "CSIDriver"
  | "CSIStorageCapacity"
  | "VolumeAttachment"
  | "*";

export interface ClusterEvent {
  readonly resource: EventResource;
  /** Bits of `action`. */
  readonly actions: number;
  /** As metrics name it: `NodeAdd`. */
  readonly label: string;
}

export type QueueingHint = "Queue" | "Skip";

/**
 * Whether an event may make a pod schedulable that the plugin has rejected. `old` is absent for additions, `object` for deletions.
 */
export type QueueingHintFn = (
  pod: PodInfo,
  old: KubeObject | undefined,
  object: KubeObject | undefined,
) => QueueingHint;

/** Events after which a plugin's rejection is worth another look. */
export interface EventInterest {
  readonly resource: EventResource;
  readonly actions: number;
  /** Absent: every such event. */
  readonly hint?: QueueingHintFn;
}

export function concerns(interest: EventInterest, event: ClusterEvent): boolean {
  if ((interest.actions & event.actions) === 0) return false;
  return interest.resource === "*" || event.resource === "*" || interest.resource === event.resource;
}

/** The periodic second look at pods that nothing has moved. */
export const unschedulableTimeout: ClusterEvent = {
  resource: "*",
  actions: action.all,
  label: "UnschedulableTimeout",
};

export const forceActivate: ClusterEvent = { resource: "*", actions: action.all, label: "ForceActivate" };
