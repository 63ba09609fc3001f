import type { Pod } from "@tskube/api";
import { deepEqual, isNotFound, statusCause } from "@tskube/apimachinery";
import { kinds, type Lister, objectKey, type ResourceClient } from "@tskube/client";
import {
  after,
  BatchFailed,
  type Controller,
  claimObjects,
  type Deps,
  done,
  OwnWrites,
  type Result,
  selectedBy,
  self,
  slowStartBatch,
} from "@tskube/controller";
import { controllerOf, controllerReference } from "../../objects/meta.ts";
import { rankForDeletion } from "../../pods/deletion-rank.ts";
import { createPod, deletePod, podFromTemplate } from "../../pods/pod-control.ts";
import { isPodActive } from "../../pods/pod-state.ts";
import { type Replicated, selectorOf, templateOf, wantedReplicas } from "./kinds.ts";
import { computeStatus, nextAvailabilityMs } from "./status.ts";

/** One of the two kinds, with its controller's place in the API. */
export interface ReplicatedKind<T extends Replicated> {
  readonly name: string;
  readonly kind: T["kind"];
  readonly lister: Lister<T>;
  client(namespace: string): ResourceClient<T>;
  readonly workers: number;
}

/** Upstream's limit of pods created or deleted in one go. */
const burstReplicas = 500;

interface Failure {
  readonly error: unknown;
  readonly missing: number;
}

/** Keeps as many pods as a ReplicaSet or ReplicationController asks for. */
export function replicasController<T extends Replicated>(kind: ReplicatedKind<T>, deps: Deps): Controller {
  const { clock, client, listers } = deps;
  const { pods } = listers;
  const own = new OwnWrites<Pod>(pods, clock);
  const ownStatus = new OwnWrites<T>(kind.lister, clock);

  return {
    name: kind.name,
    workers: kind.workers,
    wakeOn: { [kind.kind]: self, Pod: keysOfPod },
    async reconcile(key) {
      const set = kind.lister.get(key);
      if (!set) {
        own.forget(key);
        ownStatus.forget(key);
        return done;
      }
      // A stale set would only meet a conflict: the event of the status written last wakes this.
      if (!ownStatus.areSeen(key)) return done;
      return reconcileSet(key, set);
    },
  };

  /** The set that controls a pod; for an orphan every set that may want it. */
  function keysOfPod(pod: Pod): string | string[] | undefined {
    const namespace = pod.metadata.namespace ?? "";
    const controller = controllerOf(pod);
    if (controller) return controller.kind === kind.kind ? `${namespace}/${controller.name}` : undefined;
    if (pod.metadata.deletionTimestamp) return undefined;
    return kind.lister
      .in(namespace)
      .list()
      .filter((set) => selectedBy(selectorOf(set))(pod))
      .map(objectKey);
  }

  async function reconcileSet(key: string, set: T): Promise<Result> {
    const settled = own.areSeen(key);
    const claimed = await claim(set);
    const failure = settled && !set.metadata.deletionTimestamp ? await manage(key, set, claimed) : undefined;
    await writeStatus(key, set, claimed, failure);
    if (failure) throw failure.error;
    const wait = nextAvailabilityMs(set, claimed, clock.now());
    return wait === undefined ? done : after(wait);
  }

  function claim(set: T): Promise<Pod[]> {
    const namespace = set.metadata.namespace ?? "";
    const matches = selectedBy(selectorOf(set));
    const mine = pods.by("controller", set.metadata.uid ?? "");
    // Orphans have no controller to be found by: they stand under the empty owner.
    const orphans = pods
      .in(namespace)
      .list()
      .filter((pod) => !controllerOf(pod) && isPodActive(pod) && matches(pod));
    return claimObjects([...mine, ...orphans], {
      owner: set,
      matches,
      client: client.pods(namespace),
      freshOwner: () => kind.client(namespace).get(set.metadata.name),
    });
  }

  async function manage(key: string, set: T, claimed: readonly Pod[]): Promise<Failure | undefined> {
    const active = claimed.filter(isPodActive);
    const missing = wantedReplicas(set) - active.length;
    try {
      if (missing > 0) await createMissing(key, set, Math.min(missing, burstReplicas));
      if (missing < 0) await deleteSurplus(key, set, active, Math.min(-missing, burstReplicas));
      return undefined;
    } catch (error) {
      const cause = error instanceof BatchFailed ? error.cause : error;
      return statusCause(cause, "NamespaceTerminating") ? undefined : { error: cause, missing };
    }
  }

  async function createMissing(key: string, set: T, count: number): Promise<void> {
    const draft = podFromTemplate(templateOf(set), set, controllerReference(set));
    await slowStartBatch(count, async () => own.wrote(key, await createPod(draft, set, deps)));
  }

  async function deleteSurplus(key: string, set: T, active: readonly Pod[], count: number): Promise<void> {
    const victims = rankForDeletion(active, relatedPods(set), clock.now()).slice(0, count);
    const outcomes = await Promise.allSettled(
      victims.map((pod) => own.deleting(key, pod, () => deletePod(pod, set, deps))),
    );
    const failed = outcomes.find((one) => one.status === "rejected" && !isNotFound(one.reason));
    if (failed?.status === "rejected") throw failed.reason;
  }

  /** Pods of all sets with the same owner: during a rollout old and new pods crowd a node alike. */
  function relatedPods(set: T): Pod[] {
    const owner = controllerOf(set);
    const family = owner ? kind.lister.by("controller", owner.uid) : [set];
    return family.flatMap((one) => pods.by("controller", one.metadata.uid ?? "")).filter(isPodActive);
  }

  async function writeStatus(
    key: string,
    set: T,
    claimed: readonly Pod[],
    failure: Failure | undefined,
  ): Promise<void> {
    const status = computeStatus({ set, pods: claimed, failure, nowMs: clock.now() });
    if (deepEqual(set.status, status)) return;
    ownStatus.wrote(key, await kind.client(set.metadata.namespace ?? "").updateStatus({ ...set, status } as T));
  }
}

/** ReplicaSets. */
export function replicaSetController(workers: number): (deps: Deps) => Controller {
  return (deps) =>
    replicasController(
      {
        name: "replicaset",
        kind: kinds.ReplicaSet.kind,
        lister: deps.listers.replicasets,
        client: (namespace) => deps.client.replicasets(namespace),
        workers,
      },
      deps,
    );
}

/** ReplicationControllers, by the same code. */
export function replicationControllerController(workers: number): (deps: Deps) => Controller {
  return (deps) =>
    replicasController(
      {
        name: "replicationcontroller",
        kind: kinds.ReplicationController.kind,
        lister: deps.listers.replicationcontrollers,
        client: (namespace) => deps.client.replicationcontrollers(namespace),
        workers,
      },
      deps,
    );
}
