import type { Node, Pod } from "@tskube/api";
import { deepEqual, formatTime, isNotFound } from "@tskube/apimachinery";
import { objectKey } from "@tskube/client";
import { after, type Controller, type Deps, done, self } from "@tskube/controller";
import { taintsOf } from "../../nodes/taints.ts";
import { isPodTerminal } from "../../pods/pod-state.ts";
import { evictionTime } from "./plan.ts";

/** Deletes pods from nodes whose NoExecute taints they do not tolerate, or not for that long. */
export function taintEvictionController({ client, clock, events, listers }: Deps): Controller {
  const { nodes, pods } = listers;
  /** Pods that are to go later, so that a change of mind can be told. */
  const waiting = new Set<string>();

  return {
    name: "taint-eviction",
    workers: 8,
    wakeOn: {
      Pod: {
        keys: self,
        onUpdate: (old, pod) =>
          old.spec.nodeName !== pod.spec.nodeName || !deepEqual(old.spec.tolerations, pod.spec.tolerations),
      },
      Node: {
        keys: ({ metadata }) => pods.by("node", metadata.name).map(objectKey),
        onUpdate: (old, node) => !deepEqual(noExecute(old), noExecute(node)),
      },
    },
    async reconcile(key) {
      const pod = pods.get(key);
      if (!pod?.spec.nodeName || pod.metadata.deletionTimestamp || isPodTerminal(pod)) {
        waiting.delete(key);
        return done;
      }
      const at = evictionTime(pod, nodes.get(pod.spec.nodeName));
      if (at === undefined) {
        if (waiting.delete(key)) events.normal(pod, "TaintManagerEviction", `Cancelling deletion of Pod ${key}`);
        return done;
      }
      const waitMs = at - clock.now();
      if (waitMs > 0) {
        waiting.add(key);
        return after(waitMs);
      }
      waiting.delete(key);
      await evict(key, pod);
      return done;
    },
  };

  async function evict(key: string, pod: Pod): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    events.normal(pod, "TaintManagerEviction", `Marking for deletion Pod ${key}`);
    const condition = {
      type: "DisruptionTarget",
      status: "True",
      reason: "DeletionByTaintManager",
      message: "Taint manager: deleting due to NoExecute taint",
      lastTransitionTime: formatTime(clock.now()),
    };
    try {
      await client.pods(namespace).patchStatus(name, { metadata: { uid }, status: { conditions: [condition] } });
      await client.pods(namespace).delete(name, uid ? { preconditions: { uid } } : {});
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

function noExecute(node: Node) {
  return taintsOf(node).filter(({ effect }) => effect === "NoExecute");
}
