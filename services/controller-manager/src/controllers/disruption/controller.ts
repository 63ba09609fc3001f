import type { Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from "@tskube/api";
import { deepEqual, formatTime, isNotFound, parseTime } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import { objectKey } from "@tskube/client";
import { after, type Controller, type Deps, done, OwnWrites, type Result, self } from "@tskube/controller";
import { selectorFrom } from "../../objects/meta.ts";
import {
  computeStatus,
  evictionPatienceMs,
  failedStatus,
  needsExpectedCount,
  stillDisrupted,
  targetsOf,
} from "./budget.ts";
import { expectedPods } from "./expected.ts";

/** Keys of pods stand beside those of budgets in one queue; no namespace is called so. */
const podPrefix = "Pod:";

/** Keeps the numbers by which evictions are allowed, and takes back announcements of evictions that did not happen. */
export function disruptionController({ client, clock, events, listers }: Deps): Controller {
  const { poddisruptionbudgets: budgets, pods } = listers;
  const ownStatus = new OwnWrites<PodDisruptionBudget>(budgets, clock);
  const owners = { listers, client };
  const ofNamespace = ({ metadata }: { metadata: { namespace?: string | undefined } }) =>
    budgets
      .in(metadata.namespace ?? "")
      .list()
      .map(objectKey);

  return {
    name: "disruption",
    workers: 1,
    wakeOn: {
      PodDisruptionBudget: self,
      Pod: keysOfPod,
      Deployment: { keys: ofNamespace, onUpdate: resized },
      ReplicaSet: { keys: ofNamespace, onUpdate: resized },
      ReplicationController: { keys: ofNamespace, onUpdate: resized },
      StatefulSet: { keys: ofNamespace, onUpdate: resized },
    },
    async reconcile(key) {
      if (key.startsWith(podPrefix)) return reconcilePod(key.slice(podPrefix.length));
      const budget = budgets.get(key);
      if (!budget) {
        ownStatus.forget(key);
        return done;
      }
      return ownStatus.areSeen(key) ? reconcileBudget(key, budget) : done;
    },
  };

  function keysOfPod(pod: Pod): string[] {
    const keys = budgets
      .in(pod.metadata.namespace ?? "")
      .list()
      .filter((budget) => selects(budget)(pod))
      .map(objectKey);
    return isAnnounced(pod) ? [...keys, podPrefix + self(pod)] : keys;
  }

  async function reconcileBudget(key: string, budget: PodDisruptionBudget): Promise<Result> {
    const selected = pods
      .in(budget.metadata.namespace ?? "")
      .list()
      .filter(selects(budget));
    if (selected.length === 0) events.normal(budget, "NoPods", "No matching pods found");
    const nowMs = clock.now();
    let expected: number;
    try {
      expected = await expectedOf(budget, selected);
    } catch (error) {
      const message = errorMessage(error);
      events.warn(
        budget,
        "CalculateExpectedPodCountFailed",
        `Failed to calculate the number of expected pods: ${message}`,
      );
      await writeStatus(key, budget, failedStatus(budget, message, nowMs));
      throw error;
    }
    const disrupted = stillDisrupted(budget, selected, nowMs);
    for (const pod of disrupted.overdue) {
      const message = `Pod was expected by PDB ${key} to be deleted but it wasn't`;
      events.warn(pod, "NotDeleted", message);
    }
    const targets = targetsOf(budget, expected);
    await writeStatus(key, budget, computeStatus(budget, selected, targets, disrupted.pods, nowMs));
    return disrupted.recheckMs === undefined ? done : after(disrupted.recheckMs);
  }

  async function expectedOf(budget: PodDisruptionBudget, selected: readonly Pod[]): Promise<number> {
    if (!needsExpectedCount(budget)) return selected.length;
    const { count, unmanaged } = await expectedPods(selected, owners);
    if (unmanaged.length > 0) {
      const selector = selectorFrom(budget.spec?.selector).toString();
      events.warn(
        budget,
        "UnmanagedPods",
        `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`,
      );
    }
    return count;
  }

  async function writeStatus(
    key: string,
    budget: PodDisruptionBudget,
    status: PodDisruptionBudgetStatus,
  ): Promise<void> {
    if (deepEqual(budget.status, status)) return;
    // A full update with the version read: an eviction allowed meanwhile must not be forgotten.
    const { namespace } = budget.metadata;
    ownStatus.wrote(key, await client.poddisruptionbudgets(namespace).updateStatus({ ...budget, status }));
  }

  /** A pod that was announced to go and stays: the announcement is withdrawn, for others act on it. */
  async function reconcilePod(key: string): Promise<Result> {
    const pod = pods.get(key);
    if (!pod || !isAnnounced(pod)) return done;
    const nowMs = clock.now();
    const since = parseTime(targetCondition(pod)?.lastTransitionTime ?? "") ?? nowMs;
    if (since + evictionPatienceMs > nowMs) return after(since + evictionPatienceMs - nowMs);
    const condition = { type: "DisruptionTarget", status: "False", lastTransitionTime: formatTime(nowMs) };
    try {
      const { name, namespace, uid } = pod.metadata;
      await client.pods(namespace).patchStatus(name, { metadata: { uid }, status: { conditions: [condition] } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return done;
  }
}

/** Whether others were told that the pod is about to be disrupted, and it still stays. */
function isAnnounced(pod: Pod): boolean {
  return targetCondition(pod)?.status === "True" && !pod.metadata.deletionTimestamp && !isOver(pod);
}

function targetCondition({ status }: Pod) {
  return status?.conditions?.find(({ type }) => type === "DisruptionTarget");
}

function isOver({ status }: Pod): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

function selects({ spec }: PodDisruptionBudget): (pod: Pod) => boolean {
  const selector = selectorFrom(spec?.selector);
  return ({ metadata }) => selector.matches(metadata.labels);
}

interface Sized {
  readonly spec?: { readonly replicas?: number | undefined } | undefined;
}

function resized(old: Sized, object: Sized): boolean {
  return old.spec?.replicas !== object.spec?.replicas;
}
