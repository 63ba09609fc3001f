import type { DaemonSet, KubeObject, Node, Pod } from "@tskube/api";
import { deepEqual, isNotFound, statusCause } from "@tskube/apimachinery";
import { objectKey } from "@tskube/client";
import {
  after,
  BatchFailed,
  type Controller,
  type ControllerFactory,
  type Deps,
  done,
  OwnWrites,
  type Result,
  self,
  slowStartBatch,
} from "@tskube/controller";
import { type History, syncHistory, trimHistory } from "../../history/revisions.ts";
import { controllerOf, selectorFrom } from "../../objects/meta.ts";
import { claimPods } from "../../pods/claim-pods.ts";
import { createPod, deletePod } from "../../pods/pod-control.ts";
import { availableAt } from "../../pods/pod-state.ts";
import { FailureBackoff } from "./failure-backoff.ts";
import { groupByNode, type Plan, planNodes, planRollout, type World } from "./plan.ts";
import { computeStatus } from "./status.ts";
import { daemonPod, hashLabel } from "./template.ts";

/** Upstream's limit of pods created or deleted in one go. */
const burstReplicas = 250;
const defaultHistoryLimit = 10;

/** Keeps a pod of every DaemonSet on every node that fits. */
export function daemonSetController(workers: number): ControllerFactory {
  return (deps) => createController(workers, deps);
}

function createController(workers: number, deps: Deps): Controller {
  const { client, clock, events, listers } = deps;
  const { daemonsets, pods, nodes, controllerrevisions: revisions } = listers;
  const own = new OwnWrites<Pod>(pods, clock);
  const ownStatus = new OwnWrites<DaemonSet>(daemonsets, clock);
  const backoff = new FailureBackoff(clock);

  return {
    name: "daemonset",
    workers,
    wakeOn: {
      DaemonSet: self,
      Pod: keysOfPod,
      ControllerRevision: keyOfController,
      Node: { keys: () => [...daemonsets.keys()], onUpdate: changesPlacement },
    },
    async reconcile(key) {
      const set = daemonsets.get(key);
      if (!set) {
        own.forget(key);
        ownStatus.forget(key);
        backoff.forget(`${key}/`);
        return done;
      }
      if (set.metadata.deletionTimestamp || !ownStatus.areSeen(key)) return done;
      if (selectorFrom(set.spec.selector).isEmpty) {
        const message = "This daemon set is selecting all pods. A non-empty selector is required.";
        events.warn(set, "SelectingAll", message);
        return done;
      }
      return reconcileSet(key, set);
    },
  };

  function keyOfController(object: KubeObject): string | undefined {
    const controller = controllerOf(object);
    return controller?.kind === "DaemonSet" ? `${object.metadata.namespace}/${controller.name}` : undefined;
  }

  function keysOfPod(pod: Pod): string | string[] | undefined {
    if (controllerOf(pod)) return keyOfController(pod);
    if (pod.metadata.deletionTimestamp) return undefined;
    return daemonsets
      .in(pod.metadata.namespace ?? "")
      .list()
      .filter((set) => selects(set)(pod))
      .map(objectKey);
  }

  async function reconcileSet(key: string, set: DaemonSet): Promise<Result> {
    const matches = selects(set);
    const freshOwner = () => client.daemonsets(set.metadata.namespace).get(set.metadata.name);
    const history = await syncHistory(
      { owner: set, matches, freshOwner, hashLabel, collisionCount: set.status?.collisionCount },
      { client, revisions },
    );
    const claimed = await claimPods({ owner: set, matches, pods, client, freshOwner });
    const world: World = {
      set,
      nodes: nodes.list(),
      podsByNode: groupByNode(claimed),
      hash: history.current.metadata.labels?.[hashLabel] ?? "",
      nowMs: clock.now(),
    };
    let failure: unknown;
    let waitMs: number | undefined;
    if (own.areSeen(key)) {
      try {
        waitMs = await manage(key, world);
        await trim(set, history, claimed);
      } catch (error) {
        failure = error;
      }
    }
    await writeStatus(key, world, history);
    if (failure !== undefined) throw failure;
    return sooner(waitMs, nextAvailabilityMs(set, claimed));
  }

  /** Resolves with the wait until a failed daemon may be replaced, if one waits. */
  async function manage(key: string, world: World): Promise<number | undefined> {
    const plan = planNodes(world);
    const { removable, waitMs } = admitEnded(key, world.set, plan);
    const isBusy = plan.create.length + plan.remove.length + removable.length > 0;
    await carryOut(key, world, { ...plan, remove: [...plan.remove, ...removable] });
    const isRolling = world.set.spec.updateStrategy?.type !== "OnDelete";
    // What was just written changes what a rollout may do; its events wake this again.
    if (isRolling && !isBusy) await carryOut(key, world, planRollout(world));
    return waitMs;
  }

  /** Tells of pods that ended; failed ones are replaced only as often as their node's backoff lets. */
  function admitEnded(key: string, set: DaemonSet, { ended }: Plan): { removable: Pod[]; waitMs: number | undefined } {
    const removable: Pod[] = [];
    const waits: number[] = [];
    for (const { pod, node } of ended) {
      const called = `${pod.metadata.namespace}/${pod.metadata.name}`;
      if (pod.status?.phase === "Succeeded") {
        const message = `Found succeeded daemon pod ${called} on node ${node}, will try to delete it`;
        events.normal(set, "SucceededDaemonPod", message);
        removable.push(pod);
        continue;
      }
      const wait = backoff.claim(`${key}/${set.metadata.generation}/${node}`);
      if (wait > 0) {
        waits.push(wait);
        continue;
      }
      events.warn(set, "FailedDaemonPod", `Found failed daemon pod ${called} on node ${node}, will try to kill it`);
      removable.push(pod);
    }
    return { removable, waitMs: waits.length > 0 ? Math.min(...waits) : undefined };
  }

  async function carryOut(key: string, { set, hash }: World, { create, remove }: Plan): Promise<void> {
    const places = create.slice(0, burstReplicas);
    const creating = slowStartBatch(places.length, async (i) =>
      own.wrote(key, await createPod(daemonPod(set, places[i] ?? "", hash), set, deps)),
    );
    const deleting = remove
      .slice(0, burstReplicas)
      .map((pod) => own.deleting(key, pod, () => deletePod(pod, set, deps)));
    const outcomes = await Promise.allSettled([creating, ...deleting]);
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") continue;
      const cause = outcome.reason instanceof BatchFailed ? outcome.reason.cause : outcome.reason;
      if (!isNotFound(cause) && !statusCause(cause, "NamespaceTerminating")) throw cause;
    }
  }

  function trim({ spec }: DaemonSet, { old }: History, claimed: readonly Pod[]): Promise<void> {
    const used = new Set(claimed.map(({ metadata }) => metadata.labels?.[hashLabel]));
    const limit = spec.revisionHistoryLimit ?? defaultHistoryLimit;
    return trimHistory(old, ({ metadata }) => used.has(metadata.labels?.[hashLabel]), limit, client);
  }

  async function writeStatus(key: string, world: World, { collisionCount }: History): Promise<void> {
    const status = computeStatus(world, collisionCount);
    if (deepEqual(world.set.status, status)) return;
    const { namespace } = world.set.metadata;
    ownStatus.wrote(key, await client.daemonsets(namespace).updateStatus({ ...world.set, status }));
  }

  function nextAvailabilityMs({ spec }: DaemonSet, claimed: readonly Pod[]): number | undefined {
    const waits = claimed
      .map((pod) => availableAt(pod, spec.minReadySeconds ?? 0) - clock.now())
      .filter((wait) => wait > 0 && Number.isFinite(wait));
    return waits.length > 0 ? Math.min(...waits) : undefined;
  }
}

function selects({ spec }: DaemonSet): (object: KubeObject) => boolean {
  const selector = selectorFrom(spec.selector);
  return ({ metadata }) => !selector.isEmpty && selector.matches(metadata.labels);
}

/** Heartbeats of nodes change nothing for daemons. */
function changesPlacement(old: Node, node: Node): boolean {
  return !deepEqual(old.metadata.labels, node.metadata.labels) || !deepEqual(old.spec?.taints, node.spec?.taints);
}

function sooner(...waits: readonly (number | undefined)[]): Result {
  const known = waits.filter((wait) => wait !== undefined);
  return known.length > 0 ? after(Math.min(...known)) : done;
}
