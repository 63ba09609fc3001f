import type { StatefulSetStatus } from "@tskube/api";
import { isPodReady } from "../../pods/pod-state.ts";
import { isGoing, isMemberAvailable, isNumbered, replicasOf, revisionOf, type World } from "./plan.ts";

/** What the set's status says of these pods. When an update has reached every pod, its revision becomes the current one. */
export function computeStatus(world: World, collisionCount: number | undefined): StatefulSetStatus {
  const { set, currentRevision, updateRevision } = world;
  const pods = world.pods.filter((pod) => isNumbered(set, pod));
  const staying = pods.filter((pod) => !isGoing(pod));
  const ready = pods.filter((pod) => pod.status?.phase === "Running" && isPodReady(pod)).length;
  const available = pods.filter((pod) => isMemberAvailable(world, pod)).length;
  const updated = staying.filter((pod) => revisionOf(pod) === updateRevision).length;
  const current = staying.filter((pod) => revisionOf(pod) === currentRevision).length;
  const isRolling = set.spec.updateStrategy?.type !== "OnDelete";
  const isComplete = isRolling && updated === replicasOf(set) && pods.length === updated && ready === updated;
  const { conditions } = set.status ?? {};
  return {
    ...(set.metadata.generation !== undefined && { observedGeneration: set.metadata.generation }),
    replicas: pods.length,
    ...(ready > 0 && { readyReplicas: ready }),
    ...positive("currentReplicas", isComplete ? updated : current),
    ...positive("updatedReplicas", updated),
    currentRevision: isComplete ? updateRevision : currentRevision,
    updateRevision,
    collisionCount: collisionCount ?? 0,
    ...(conditions && { conditions }),
    availableReplicas: available,
  };
}

/** Counts of zero are absent. */
function positive<K extends string>(key: K, count: number): { [P in K]?: number } {
  return count > 0 ? ({ [key]: count } as { [P in K]?: number }) : {};
}
