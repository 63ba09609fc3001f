import type { RuntimePod } from "../runtime/model.ts";

export interface Garbage {
  readonly containers: readonly string[];
  readonly sandboxes: readonly string[];
}

/**
 * What of a pod is of no use any more: of every container all ended instances but the newest so many, for `kubectl logs --previous`, and
 * sandboxes that are dead, not the newest, and empty once those containers are gone.
 */
export function garbageOf(pod: RuntimePod, keptPerContainer: number): Garbage {
  const dead = new Map<string, string[]>();
  for (const { id, name, state } of pod.containers) {
    if (state === "exited") dead.set(name, [...(dead.get(name) ?? []), id]);
  }
  const containers = [...dead].flatMap(([name, ids]) => {
    // The newest instance is what the pod's status tells of, so with nothing running one more is kept.
    const isCurrentDead = pod.containers.find((container) => container.name === name)?.state === "exited";
    return ids.slice(keptPerContainer + (isCurrentDead ? 1 : 0));
  });
  const removed = new Set(containers);
  const used = new Set(pod.containers.filter(({ id }) => !removed.has(id)).map(({ sandboxId }) => sandboxId));
  const sandboxes = pod.sandboxes.slice(1).filter(({ id, isReady }) => !isReady && !used.has(id));
  return { containers, sandboxes: sandboxes.map(({ id }) => id) };
}
