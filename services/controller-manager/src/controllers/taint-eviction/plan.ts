import type { Node, Pod, Taint } from "@tskube/api";
import { parseTime } from "@tskube/apimachinery";
import { taintsOf, tolerates } from "../../nodes/taints.ts";

/** When a pod has to leave its node because of taints: 0 for at once, undefined for never. */
export function evictionTime(pod: Pod, node: Node | undefined): number | undefined {
  const taints = node ? taintsOf(node).filter(({ effect }) => effect === "NoExecute") : [];
  const times = taints.map((taint) => toleratedUntil(pod, taint));
  const soonest = Math.min(Number.POSITIVE_INFINITY, ...times);
  return Number.isFinite(soonest) ? soonest : undefined;
}

/**
 * The shortest of the matching tolerations counts. The time runs from when the taint came, or the pod if later: both stand in the objects, so that a
 * restart of this program does not start it anew.
 */
function toleratedUntil(pod: Pod, taint: Taint): number {
  const matching = (pod.spec.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
  if (matching.length === 0) return 0;
  const limits = matching.flatMap(({ tolerationSeconds }) =>
    tolerationSeconds === undefined ? [] : [tolerationSeconds],
  );
  if (limits.length === 0) return Number.POSITIVE_INFINITY;
  const seconds = Math.min(...limits);
  if (seconds <= 0) return 0;
  const arrived = parseTime(pod.status?.startTime ?? pod.metadata.creationTimestamp ?? "") ?? 0;
  return Math.max(parseTime(taint.timeAdded ?? "") ?? 0, arrived) + seconds * 1000;
}
