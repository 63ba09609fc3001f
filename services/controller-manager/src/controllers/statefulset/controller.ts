import type { KubeObject, Pod, StatefulSet } from "@tskube/api";
import { deepEqual, isNotFound, statusCause } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import { objectKey } from "@tskube/client";
import {
  after,
  type Controller,
  type ControllerFactory,
  type Deps,
  done,
  OwnWrites,
  type Result,
  self,
} from "@tskube/controller";
import { type History, syncHistory, templateOfRevision, trimHistory } from "../../history/revisions.ts";
import { controllerOf, selectorFrom } from "../../objects/meta.ts";
import { claimPods } from "../../pods/claim-pods.ts";
import { availableAt } from "../../pods/pod-state.ts";
import { ensureClaims, syncClaimOwners } from "./claims.ts";
import { hasIdentity, identityLabels, memberPod, podNameOf } from "./identity.ts";
import { isGoing, isNumbered, planSteps, revisionOf, type Step, sortMembers, type World } from "./plan.ts";
import { computeStatus } from "./status.ts";

const historyHashLabel = "controller.kubernetes.io/hash";
const defaultHistoryLimit = 10;

/** Keeps the pods of every StatefulSet: with names, numbers and claims that outlive them. */
export function statefulSetController(workers: number): ControllerFactory {
  return (deps) => createController(workers, deps);
}

function createController(workers: number, deps: Deps): Controller {
  const { client, clock, events, listers } = deps;
  const { statefulsets, pods, controllerrevisions: revisions, persistentvolumeclaims: claims } = listers;
  const own = new OwnWrites<Pod>(pods, clock);
  const ownStatus = new OwnWrites<StatefulSet>(statefulsets, clock);
  const claimDeps = { client, events, claims };

  return {
    name: "statefulset",
    workers,
    wakeOn: { StatefulSet: self, Pod: keysOfPod },
    async reconcile(key) {
      const set = statefulsets.get(key);
      if (!set) {
        own.forget(key);
        ownStatus.forget(key);
        return done;
      }
      // Names follow from numbers, so writing twice does no harm; but what is decided on old pods may be wrong.
      if (set.metadata.deletionTimestamp || !own.areSeen(key) || !ownStatus.areSeen(key)) return done;
      return reconcileSet(key, set);
    },
  };

  function keysOfPod(pod: Pod): string | string[] | undefined {
    const namespace = pod.metadata.namespace ?? "";
    const controller = controllerOf(pod);
    if (controller) return controller.kind === "StatefulSet" ? `${namespace}/${controller.name}` : undefined;
    if (isGoing(pod)) return undefined;
    return statefulsets
      .in(namespace)
      .list()
      .filter((set) => selects(set)(pod))
      .map(objectKey);
  }

  async function reconcileSet(key: string, set: StatefulSet): Promise<Result> {
    const matches = selects(set);
    const freshOwner = () => client.statefulsets(set.metadata.namespace).get(set.metadata.name);
    const history = await syncHistory(
      {
        owner: set,
        matches,
        freshOwner,
        hashLabel: historyHashLabel,
        collisionCount: set.status?.collisionCount || undefined,
      },
      { client, revisions },
    );
    const isMine = (pod: Pod) => matches(pod) && isNumbered(set, pod);
    const claimed = await claimPods({ owner: set, matches: isMine, pods, client, freshOwner });
    const updateRevision = history.current.metadata.name;
    const before = set.status?.currentRevision;
    const isKept = history.old.some(({ metadata }) => metadata.name === before);
    const currentRevision = before && isKept ? before : updateRevision;
    const world: World = { set, pods: claimed, currentRevision, updateRevision, nowMs: clock.now() };
    let failure: unknown;
    try {
      await syncMembers(set, claimed);
      await takeSteps(key, world, history);
      await trim(set, history, claimed);
    } catch (error) {
      failure = error;
    }
    await writeStatus(key, world, history);
    if (failure !== undefined && !statusCause(failure, "NamespaceTerminating")) throw failure;
    const waits = claimed
      .map((pod) => availableAt(pod, set.spec.minReadySeconds ?? 0) - clock.now())
      .filter((wait) => wait > 0 && Number.isFinite(wait));
    return waits.length > 0 ? after(Math.min(...waits)) : done;
  }

  /** Repairs labels that make a pod a member, claims that a pending pod waits for, and the owners of claims. */
  async function syncMembers(set: StatefulSet, claimed: readonly Pod[]): Promise<void> {
    const { members, condemned } = sortMembers(set, claimed);
    for (const [ordinal, pod] of members) {
      if (pod.status?.phase === "Pending" && !isGoing(pod)) await ensureClaims(set, ordinal, claimDeps);
      await syncClaimOwners(set, ordinal, undefined, claimDeps);
      if (!hasIdentity(set, ordinal, pod) && !isGoing(pod))
        await client
          .pods(pod.metadata.namespace)
          .patch(pod.metadata.name, { metadata: { labels: identityLabels(set, ordinal) } });
    }
    for (const { ordinal, pod } of condemned) await syncClaimOwners(set, ordinal, pod, claimDeps);
  }

  async function takeSteps(key: string, world: World, history: History): Promise<void> {
    const outcomes = await Promise.allSettled(planSteps(world).map((step) => take(key, world, history, step)));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed) throw failed.reason;
  }

  async function take(key: string, { set }: World, history: History, step: Step): Promise<void> {
    if (step.act === "create") {
      await ensureClaims(set, step.ordinal, claimDeps);
      await createMember(key, set, history, step);
      return;
    }
    if (step.act === "recreate") tellRecreation(set, step.pod);
    await deleteMember(key, set, step.pod);
  }

  async function createMember(
    key: string,
    set: StatefulSet,
    { current, old }: History,
    { ordinal, revision }: Step & { act: "create" },
  ): Promise<void> {
    const source = [current, ...old].find(({ metadata }) => metadata.name === revision) ?? current;
    const about = `Pod ${podNameOf(set, ordinal)} in StatefulSet ${set.metadata.name}`;
    const draft = memberPod(set, ordinal, templateOfRevision(source), source.metadata.name);
    try {
      own.wrote(key, await client.pods(set.metadata.namespace).create(draft));
      events.normal(set, "SuccessfulCreate", `create ${about} successful`);
    } catch (error) {
      if (!statusCause(error, "NamespaceTerminating"))
        events.warn(set, "FailedCreate", `create ${about} failed error: ${errorMessage(error)}`);
      throw error;
    }
  }

  function tellRecreation(set: StatefulSet, pod: Pod): void {
    const { namespace, name } = set.metadata;
    if (pod.status?.phase === "Failed")
      events.warn(
        set,
        "RecreatingFailedPod",
        `StatefulSet ${namespace}/${name} is recreating failed Pod ${pod.metadata.name}`,
      );
    else
      events.normal(
        set,
        "RecreatingTerminatedPod",
        `StatefulSet ${namespace}/${name} is recreating terminated Pod ${pod.metadata.name}`,
      );
  }

  async function deleteMember(key: string, set: StatefulSet, pod: Pod): Promise<void> {
    const { namespace, name, uid } = pod.metadata;
    const about = `Pod ${name} in StatefulSet ${set.metadata.name}`;
    try {
      await own.deleting(key, pod, () => client.pods(namespace).delete(name, uid ? { preconditions: { uid } } : {}));
      events.normal(set, "SuccessfulDelete", `delete ${about} successful`);
    } catch (error) {
      if (isNotFound(error)) return;
      events.warn(set, "FailedDelete", `delete ${about} failed error: ${errorMessage(error)}`);
      throw error;
    }
  }

  function trim({ spec, status }: StatefulSet, { old }: History, claimed: readonly Pod[]): Promise<void> {
    const used = new Set([...claimed.map(revisionOf), status?.currentRevision, status?.updateRevision]);
    const limit = spec.revisionHistoryLimit ?? defaultHistoryLimit;
    return trimHistory(old, ({ metadata }) => used.has(metadata.name), limit, client);
  }

  async function writeStatus(key: string, world: World, { collisionCount }: History): Promise<void> {
    const status = computeStatus(world, collisionCount);
    if (deepEqual(world.set.status, status)) return;
    const { namespace } = world.set.metadata;
    ownStatus.wrote(key, await client.statefulsets(namespace).updateStatus({ ...world.set, status }));
  }
}

function selects({ spec }: StatefulSet): (object: KubeObject) => boolean {
  const selector = selectorFrom(spec.selector);
  return ({ metadata }) => !selector.isEmpty && selector.matches(metadata.labels);
}
