import type { DaemonSetStatus, Pod } from "@tskube/api";
import { isPodAvailable, isPodReady } from "../../pods/pod-state.ts";
import { fitOf } from "./node-fit.ts";
import { byMerit, isUpdated, type World } from "./plan.ts";

/** What the set's status says of these nodes and pods; of several pods on a node the one that may stay counts. */
export function computeStatus(world: World, collisionCount: number | undefined): DaemonSetStatus {
  const { set, nodes, podsByNode, hash, nowMs } = world;
  let misscheduled = 0;
  let desired = 0;
  const placed: Pod[] = [];
  for (const node of nodes) {
    const [first] = [...(podsByNode.get(node.metadata.name) ?? [])].sort(byMerit);
    const { shouldRun } = fitOf(set, node);
    if (shouldRun) desired++;
    if (shouldRun && first) placed.push(first);
    if (!shouldRun && first) misscheduled++;
  }
  const ready = placed.filter(isPodReady);
  const available = ready.filter((pod) => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs)).length;
  const updated = placed.filter((pod) => isUpdated(pod, hash)).length;
  const { conditions } = set.status ?? {};
  return {
    currentNumberScheduled: placed.length,
    numberMisscheduled: misscheduled,
    desiredNumberScheduled: desired,
    numberReady: ready.length,
    ...(set.metadata.generation !== undefined && { observedGeneration: set.metadata.generation }),
    ...(updated > 0 && { updatedNumberScheduled: updated }),
    ...(available > 0 && { numberAvailable: available }),
    ...(desired > available && { numberUnavailable: desired - available }),
    ...(collisionCount !== undefined && { collisionCount }),
    ...(conditions && { conditions }),
  };
}
