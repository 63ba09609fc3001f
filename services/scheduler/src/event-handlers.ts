import type { Node, Pod } from "@tskube/api";
import { deepEqual } from "@tskube/apimachinery";
import { type Informers, kinds } from "@tskube/client";
import type { SchedulerCache } from "./cache/scheduler-cache.ts";
import { action, type ClusterEvent, type EventResource } from "./framework/events.ts";
import { podInfoOf } from "./framework/pod-info.ts";
import type { WaitingPods } from "./framework/waiting-pods.ts";
import { podUpdateEvents } from "./queue/pod-update-events.ts";
import type { SchedulingQueue } from "./queue/scheduling-queue.ts";

export interface HandlerDeps {
  readonly informers: Informers;
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
  readonly waitingPods: WaitingPods;
  /** Whether the pod is for one of our profiles. */
  readonly isOurs: (pod: Pod) => boolean;
}

/** Ended pods take nothing from their nodes. */
export const livePods = { fieldSelector: "status.phase!=Succeeded,status.phase!=Failed" };

/** Keeps cache and queue in step with the server. Must be called before the informers start. */
export function connectHandlers(deps: HandlerDeps): void {
  connectPods(deps);
  connectNodes(deps);
  for (const kind of storageKinds) connectStorage(kind, deps);
}

const storageKinds = [
  "PersistentVolume",
  "PersistentVolumeClaim",
  "StorageClass",
  "CSINode",
  "VolumeAttachment",
] as const satisfies readonly EventResource[];

/** Storage is read through listers; here it only wakes pods that wait for it. */
function connectStorage(kind: (typeof storageKinds)[number], { informers, queue }: HandlerDeps): void {
  informers.dynamic(kinds[kind]).on({
    add: (object) => queue.move(eventOf(kind, action.add, `${kind}Add`), undefined, object),
    update: (old, object) => queue.move(eventOf(kind, action.updateOther, `${kind}Update`), old, object),
    delete: (object) => queue.move(eventOf(kind, action.delete, `${kind}Delete`), object, undefined),
  });
}

function connectPods({ informers, cache, queue, waitingPods, isOurs }: HandlerDeps): void {
  informers.for(kinds.Pod, livePods).on({
    add: (pod) => (isAssigned(pod) ? bound(undefined, pod) : isOurs(pod) && queue.add(podInfoOf(pod))),
    update(old, pod) {
      if (isAssigned(pod)) bound(old, pod);
      else if (isOurs(pod) && !cache.isAssumed(pod.metadata.uid ?? "")) queue.update(podInfoOf(old), podInfoOf(pod));
    },
    delete: gone,
  });

  function bound(old: Pod | undefined, pod: Pod): void {
    const info = podInfoOf(pod);
    cache.setPod(info);
    if (!old || !isAssigned(old)) {
      queue.delete(info.uid);
      queue.move(eventOf("AssignedPod", action.add, "AssignedPodAdd"), undefined, pod);
      return;
    }
    for (const event of podUpdateEvents(podInfoOf(old), info)) queue.move(event, old, pod);
  }

  function gone(pod: Pod): void {
    const uid = pod.metadata.uid ?? "";
    if (isAssigned(pod)) {
      cache.removePod(uid);
      queue.move(eventOf("AssignedPod", action.delete, "AssignedPodDelete"), pod, undefined);
      return;
    }
    const isNominated = queue.nominator.nodeOf(uid) !== undefined;
    queue.delete(uid);
    waitingPods.get(uid)?.reject("", "removed");
    // The room that was held for it is free.
    if (isNominated) queue.move(eventOf("AssignedPod", action.delete, "AssignedPodDelete"), pod, undefined);
  }
}

function connectNodes({ informers, cache, queue }: HandlerDeps): void {
  informers.for(kinds.Node).on({
    add(node) {
      cache.setNode(node);
      queue.move(eventOf("Node", action.add, "NodeAdd"), undefined, node);
    },
    update(old, node) {
      cache.setNode(node);
      for (const event of nodeUpdateEvents(old, node)) queue.move(event, old, node);
    },
    delete(node) {
      cache.removeNode(node.metadata.name);
      queue.move(eventOf("Node", action.delete, "NodeDelete"), node, undefined);
    },
  });
}

/** What a change of a node means to pods that wait; most changes are heartbeats and mean nothing. */
export function nodeUpdateEvents(old: Node, node: Node): ClusterEvent[] {
  const events: ClusterEvent[] = [];
  const add = (actions: number, label: string) => events.push(eventOf("Node", actions, label));
  const differs = (read: (node: Node) => unknown) => !deepEqual(read(old), read(node));
  if (differs(({ status }) => status?.allocatable)) add(action.updateNodeAllocatable, "NodeUpdateNodeAllocatable");
  if (differs(({ metadata }) => metadata.labels)) add(action.updateNodeLabel, "NodeUpdateNodeLabel");
  if (differs(({ spec }) => spec?.taints) || (old.spec?.unschedulable ?? false) !== (node.spec?.unschedulable ?? false))
    add(action.updateNodeTaint, "NodeUpdateNodeTaint");
  if (differs(conditionsOf)) add(action.updateNodeCondition, "NodeUpdateNodeCondition");
  if (differs(({ metadata }) => metadata.annotations)) add(action.updateNodeAnnotation, "NodeUpdateNodeAnnotation");
  return events;
}

function conditionsOf({ status }: Node): Record<string, string> {
  return Object.fromEntries((status?.conditions ?? []).map((condition) => [condition.type, condition.status]));
}

function eventOf(resource: EventResource, actions: number, label: string): ClusterEvent {
  return { resource, actions, label };
}

function isAssigned(pod: Pod): boolean {
  return Boolean(pod.spec?.nodeName);
}
