import type { Node, Taint } from "@tskube/api";
import { formatTime } from "@tskube/apimachinery";
import { conditionOf, notReadyTaint, readiness, taintsOf, unreachableTaint } from "../../nodes/taints.ts";

/** Conditions of a node that keep new pods away: type, status, taint. */
const conditionTaints: readonly (readonly [string, string, string])[] = [
  ["Ready", "False", notReadyTaint],
  ["Ready", "Unknown", unreachableTaint],
  ["MemoryPressure", "True", "node.kubernetes.io/memory-pressure"],
  ["DiskPressure", "True", "node.kubernetes.io/disk-pressure"],
  ["NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"],
  ["PIDPressure", "True", "node.kubernetes.io/pid-pressure"],
];
const unschedulableTaint = "node.kubernetes.io/unschedulable";
const oursNoSchedule = new Set([...conditionTaints.map(([, , key]) => key), unschedulableTaint]);
const oursNoExecute = new Set([notReadyTaint, unreachableTaint]);

/** What becomes of the taint that evicts pods. */
export type Eviction = "apply" | "hold" | "lift";

/** True if a node that is not ready has neither of the taints that evict yet: adding the first is what zones' rates limit. */
export function awaitsEviction(node: Node): boolean {
  return readiness(node) !== "True" && !taintsOf(node).some(isEvicting);
}

export function isEvicting({ key, effect }: Taint): boolean {
  return effect === "NoExecute" && oursNoExecute.has(key);
}

/** The taints a node is to have: others' as they are, ours as its conditions say. The same list if nothing changes. */
export function wantedTaints(node: Node, eviction: Eviction, nowMs: number): readonly Taint[] {
  const present = taintsOf(node);
  const wanted = [...noScheduleKeys(node)].map((key): Taint => ({ key, effect: "NoSchedule" }));
  const evicting = evictingKey(node, eviction, present);
  if (evicting) wanted.push({ key: evicting, effect: "NoExecute" });
  const isOurs = ({ key, effect }: Taint) =>
    (effect === "NoSchedule" && oursNoSchedule.has(key)) || (effect === "NoExecute" && oursNoExecute.has(key));
  const isIn = (list: readonly Taint[], { key, effect }: Taint) =>
    list.some((one) => one.key === key && one.effect === effect);
  const kept = present.filter((taint) => !isOurs(taint) || isIn(wanted, taint));
  const added = wanted
    .filter((taint) => !isIn(present, taint))
    .map((taint) => ({ ...taint, timeAdded: formatTime(nowMs) }));
  return added.length === 0 && kept.length === present.length ? present : [...kept, ...added];
}

function noScheduleKeys(node: Node): Set<string> {
  const keys = conditionTaints
    .filter(([type, status]) => (conditionOf(node, type)?.status ?? "") === status)
    .map(([, , key]) => key);
  return new Set(node.spec?.unschedulable ? [...keys, unschedulableTaint] : keys);
}

/** A node that evicts already changes from one taint to the other at once; a first one waits while held. */
function evictingKey(node: Node, eviction: Eviction, present: readonly Taint[]): string | undefined {
  const ready = readiness(node);
  if (ready === "True" || eviction === "lift") return undefined;
  if (eviction === "hold" && !present.some(isEvicting)) return undefined;
  return ready === "False" ? notReadyTaint : unreachableTaint;
}
