import { type ClusterEvent, concerns, type EventInterest, unschedulableTimeout } from "../framework/events.ts";
import type { QueuedPod } from "../framework/queued-pod.ts";
import type { ObservedEvent } from "./in-flight.ts";

/** What each plugin of a profile waits for after it has rejected a pod. */
export type PluginInterests = ReadonlyMap<string, readonly EventInterest[]>;

/** Where an event moves a pod: nowhere, into the back-off queue if its back-off is not over, or into the active queue at once. */
export type Move = "Skip" | "AfterBackoff" | "Immediately";

/** Whether `observed` may have made the pod schedulable, judged by the plugins that rejected it. */
export function judge(pod: QueuedPod, { event, old, object }: ObservedEvent, interests: PluginInterests): Move {
  if (pod.rejectedBy.size === 0 && pod.pendingOn.size === 0) return "AfterBackoff"; // it broke rather than was rejected
  if (event === unschedulableTimeout) return "AfterBackoff";
  let move: Move = "Skip";
  for (const plugin of [...pod.pendingOn, ...pod.rejectedBy]) {
    const wakes = (interests.get(plugin) ?? []).some(
      (interest) => concerns(interest, event) && (interest.hint?.(pod.info, old, object) ?? "Queue") === "Queue",
    );
    if (!wakes) continue;
    if (pod.pendingOn.has(plugin)) return "Immediately";
    move = "AfterBackoff";
  }
  return move;
}

/** Whether any plugin waits for events like this one. */
export function isAwaited(event: ClusterEvent, interests: Iterable<PluginInterests>): boolean {
  for (const byPlugin of interests) {
    for (const list of byPlugin.values()) if (list.some((interest) => concerns(interest, event))) return true;
  }
  return false;
}
