import type { Node, Pod } from "@tskube/api";
import { deepEqual, formatTime, isNotFound } from "@tskube/apimachinery";
import { objectKey } from "@tskube/client";
import { after, type Controller, type Deps, done, type Result } from "@tskube/controller";
import { conditionOf, outOfServiceTaint, readiness, taintsOf } from "../../nodes/taints.ts";
import { isPodTerminal } from "../../pods/pod-state.ts";

/** A node that is gone may come back under its name: so long its pods are left alone. */
const quarantineMs = 40_000;
/** The key that stands for all ended pods together. */
const terminatedKey = "terminated";

/** Deletes pods that nobody else would: too many ended ones, those of nodes that are gone, and those that wait for a kubelet that will not come. */
export function podGcController(terminatedThreshold: number): (deps: Deps) => Controller {
  return ({ client, clock, listers, logger }) => {
    const { nodes, pods } = listers;
    /** Since when nodes have been missing. */
    const missingSince = new Map<string, number>();

    return {
      name: "pod-garbage-collector",
      wakeOn: {
        Pod: keysOfPod,
        Node: {
          keys: ({ metadata }) => pods.by("node", metadata.name).map(objectKey),
          onUpdate: (old, node) => !deepEqual(taintsOf(old), taintsOf(node)) || readiness(old) !== readiness(node),
        },
      },
      async reconcile(key) {
        if (key === terminatedKey) return deleteTerminated();
        const pod = pods.get(key);
        return pod ? judge(pod) : done;
      },
    };

    function keysOfPod(pod: Pod): string[] {
      const tooMany = terminatedThreshold > 0 && pods.size > terminatedThreshold && isPodTerminal(pod);
      return tooMany ? [objectKey(pod), terminatedKey] : [objectKey(pod)];
    }

    async function deleteTerminated(): Promise<Result> {
      const ended = pods.list().filter(isPodTerminal);
      const surplus = ended.length - terminatedThreshold;
      if (surplus <= 0) return done;
      const oldest = ended.sort((a, b) =>
        (a.metadata.creationTimestamp ?? "") < (b.metadata.creationTimestamp ?? "") ? -1 : 1,
      );
      for (const pod of oldest.slice(0, surplus)) await forceDelete(pod, undefined);
      return done;
    }

    async function judge(pod: Pod): Promise<Result> {
      const { nodeName } = pod.spec;
      if (!nodeName) {
        if (pod.metadata.deletionTimestamp) await forceDelete(pod, undefined);
        return done;
      }
      const node = nodes.get(nodeName);
      if (!node) return judgeOrphan(pod, nodeName);
      missingSince.delete(nodeName);
      if (pod.metadata.deletionTimestamp && isOutOfService(node)) await forceDelete(pod, undefined);
      return done;
    }

    async function judgeOrphan(pod: Pod, nodeName: string): Promise<Result> {
      const since = missingSince.get(nodeName) ?? clock.now();
      missingSince.set(nodeName, since);
      const waitMs = since + quarantineMs - clock.now();
      if (waitMs > 0) return after(waitMs);
      if (await isAlive(nodeName)) return done;
      await forceDelete(pod, "PodGC: node no longer exists");
      if (pods.by("node", nodeName).length <= 1) missingSince.delete(nodeName);
      return done;
    }

    /** The cache may be behind: only the server knows that a node is gone. */
    async function isAlive(nodeName: string): Promise<boolean> {
      try {
        await client.nodes().get(nodeName);
        return true;
      } catch (error) {
        if (isNotFound(error)) return false;
        throw error;
      }
    }

    /** Ends a pod for the record first, so that whoever owns it sees it failed and not only gone. */
    async function forceDelete(pod: Pod, why: string | undefined): Promise<void> {
      const { name, namespace, uid } = pod.metadata;
      logger.info({ pod: objectKey(pod), why }, "deleting pod");
      const condition = {
        type: "DisruptionTarget",
        status: "True",
        reason: "DeletionByPodGC",
        message: why,
        lastTransitionTime: formatTime(clock.now()),
      };
      const conditions = why ? { conditions: [condition] } : {};
      try {
        if (!isPodTerminal(pod))
          await client
            .pods(namespace)
            .patchStatus(name, { metadata: { uid }, status: { phase: "Failed", ...conditions } });
        await client.pods(namespace).delete(name, { gracePeriodSeconds: 0, ...(uid && { preconditions: { uid } }) });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  };
}

function isOutOfService(node: Node): boolean {
  const isMarked = taintsOf(node).some(({ key }) => key === outOfServiceTaint);
  return isMarked && conditionOf(node, "Ready")?.status !== "True";
}
