import type { Pod } from "@tskube/api";
import { deepEqual } from "@tskube/apimachinery";
import { action, type ClusterEvent, type EventResource } from "../framework/events.ts";
import type { PodInfo } from "../framework/pod-info.ts";
import { amountOf, type Resources } from "../framework/resources.ts";

/** What a change of a pod means to the pods that wait, this one among them. */
export function podUpdateEvents(old: PodInfo | undefined, info: PodInfo): ClusterEvent[] {
  const resource: EventResource = info.pod.spec?.nodeName ? "AssignedPod" : "UnscheduledPod";
  const events: ClusterEvent[] = [];
  const add = (actions: number, name: string) => events.push({ resource, actions, label: `${resource}${name}` });
  if (!old) {
    add(action.update, "Update");
    return events;
  }
  if (!deepEqual(old.pod.metadata.labels, info.pod.metadata.labels)) add(action.updatePodLabel, "UpdatePodLabel");
  if (asksLess(old.requests, info.requests)) add(action.updatePodScaleDown, "UpdatePodScaleDown");
  if (!deepEqual(old.pod.spec?.tolerations, info.pod.spec?.tolerations))
    add(action.updatePodToleration, "UpdatePodToleration");
  if (hasGates(old.pod) && !hasGates(info.pod))
    add(action.updatePodSchedulingGatesEliminated, "UpdatePodSchedulingGatesEliminated");
  return events;
}

function asksLess(old: Resources, now: Resources): boolean {
  const names = ["cpu", "memory", "ephemeral-storage", ...(old.scalars?.keys() ?? [])];
  return names.some((name) => amountOf(now, name) < amountOf(old, name));
}

function hasGates(pod: Pod): boolean {
  return (pod.spec?.schedulingGates?.length ?? 0) > 0;
}
