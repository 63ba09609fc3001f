import { formatTime, isNotFound } from "@tskube/apimachinery";
import type { Handle } from "../../framework/handle.ts";
import type { PodInfo } from "../../framework/pod-info.ts";

/** Removes a victim, marking it first with why. One that has gone meanwhile is as good. */
export async function evict(victim: PodInfo, preemptor: PodInfo, nodeName: string, handle: Handle): Promise<void> {
  const { namespace = "", name, uid = "" } = victim.pod.metadata;
  const waiting = handle.waitingPods.get(uid);
  if (waiting) {
    waiting.reject("DefaultPreemption", "preempted");
    return;
  }
  if (!victim.pod.metadata.deletionTimestamp) {
    const pods = handle.client.pods(namespace);
    const condition = {
      type: "DisruptionTarget",
      status: "True",
      reason: "PreemptionByScheduler",
      message: `${preemptor.pod.spec?.schedulerName ?? "default-scheduler"}: preempting to accommodate a higher priority pod`,
      lastTransitionTime: formatTime(handle.clock.now()),
    };
    try {
      await pods.patchStatus(name, { metadata: { uid }, status: { conditions: [condition] } });
      await pods.delete(name, uid ? { preconditions: { uid } } : {});
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return;
    }
  }
  handle.events.normal(victim.pod, "Preempted", `Preempted by pod ${preemptor.uid} on node ${nodeName}`);
}

/** Pods of lower priority lose their claim to the node: what was freed for them goes to another. */
export function outrankedOn(nodeName: string, preemptor: PodInfo, handle: Handle): PodInfo[] {
  return [...handle.nominator.on(nodeName)].filter(({ priority }) => priority < preemptor.priority);
}
