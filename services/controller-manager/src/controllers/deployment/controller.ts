import type { Deployment, DeploymentStatus, Pod, ReplicaSet } from "@tskube/api";
import { deepEqual, isNotFound } from "@tskube/apimachinery";
import { objectKey } from "@tskube/client";
import {
  after,
  type Controller,
  claimObjects,
  type Deps,
  done,
  OwnWrites,
  type Result,
  selectedBy,
  self,
} from "@tskube/controller";
import { controllerOf, selectorFrom } from "../../objects/meta.ts";
import { isPodTerminal } from "../../pods/pod-state.ts";
import { replicasAnnotations, revisionAnnotation } from "./annotations.ts";
import {
  type Conditions,
  deadlineMs,
  hasDeadline,
  isComplete,
  progressing,
  setCondition,
  withPause,
} from "./conditions.ts";
import { createNewSet, creationFailure, refreshNewSet } from "./new-replica-set.ts";
import { groupSets, isActive, maxRevision, type ReplicaSets, setsToDelete, sortOut } from "./replica-sets.ts";
import { planRollingUpdate, planScaling, type Scaling, wasScaled } from "./scaling.ts";
import { countedStatus, rolloutStatus } from "./status.ts";
import { isRollingUpdate, replicasOf } from "./strategy.ts";

/** What a reconcile works on and adds to. */
interface Turn {
  deployment: Deployment;
  sets: ReplicaSets;
  conditions: Conditions;
}

/** The end of a turn: whether the status tells of a rollout, or counts only. */
type Telling = "rollout" | "count";

/** Moves a deployment's pods from old replica sets to the one of its template, as fast as its strategy allows. */
export function deploymentController(workers: number): (deps: Deps) => Controller {
  return (deps) => {
    const { client, clock, events, listers } = deps;
    const { deployments, replicasets, pods } = listers;
    const own = new OwnWrites<ReplicaSet>(replicasets, clock);
    const ownDeployments = new OwnWrites<Deployment>(deployments, clock);

    return {
      name: "deployment",
      workers,
      wakeOn: { Deployment: self, ReplicaSet: keysOfSet, Pod: keysOfPod },
      async reconcile(key) {
        const deployment = deployments.get(key);
        if (!deployment) {
          own.forget(key);
          ownDeployments.forget(key);
          return done;
        }
        // What was written but is not yet seen would be written again from a stale copy; its event wakes this.
        if (!own.areSeen(key) || !ownDeployments.areSeen(key)) return done;
        return reconcileDeployment(key, deployment);
      },
    };

    function keysOfSet(set: ReplicaSet): string | string[] | undefined {
      const namespace = set.metadata.namespace ?? "";
      const controller = controllerOf(set);
      if (controller) return controller.kind === "Deployment" ? `${namespace}/${controller.name}` : undefined;
      if (set.metadata.deletionTimestamp) return undefined;
      return deployments
        .in(namespace)
        .list()
        .filter((one) => selects(one, set))
        .map(objectKey);
    }

    /** A Recreate rollout goes on when the last old pod is gone. */
    function keysOfPod(pod: Pod): string | undefined {
      const owner = controllerOf(pod);
      const set = owner?.kind === "ReplicaSet" ? replicasets.get(`${pod.metadata.namespace}/${owner.name}`) : undefined;
      const controller = set && controllerOf(set);
      if (controller?.kind !== "Deployment") return undefined;
      const key = `${pod.metadata.namespace}/${controller.name}`;
      const deployment = deployments.get(key);
      return deployment && !isRollingUpdate(deployment) ? key : undefined;
    }

    async function reconcileDeployment(key: string, deployment: Deployment): Promise<Result> {
      if (selectorFrom(deployment.spec.selector).isEmpty) return refuse(deployment);
      const claimed = await claim(deployment);
      const nowMs = clock.now();
      const turn: Turn = {
        deployment,
        sets: sortOut(deployment, claimed),
        conditions: deployment.metadata.deletionTimestamp
          ? (deployment.status?.conditions ?? [])
          : withPause(deployment, nowMs),
      };
      const telling = await move(key, turn);
      await writeStatus(turn, telling);
      return nextLook(turn);
    }

    async function refuse(deployment: Deployment): Promise<Result> {
      events.warn(
        deployment,
        "SelectingAll",
        "This deployment is selecting all pods. A non-empty selector is required.",
      );
      const observedGeneration = deployment.metadata.generation;
      if ((deployment.status?.observedGeneration ?? 0) < (observedGeneration ?? 0))
        await of(deployment).updateStatus({ ...deployment, status: { ...deployment.status, observedGeneration } });
      return done;
    }

    function claim(deployment: Deployment): Promise<ReplicaSet[]> {
      const namespace = deployment.metadata.namespace ?? "";
      const matches = selectedBy(selectorFrom(deployment.spec.selector));
      const mine = replicasets.by("controller", deployment.metadata.uid ?? "");
      const orphans = replicasets
        .in(namespace)
        .list()
        .filter((set) => !controllerOf(set) && matches(set));
      return claimObjects([...mine, ...orphans], {
        owner: deployment,
        matches,
        client: client.replicasets(namespace),
        freshOwner: () => of(deployment).get(deployment.metadata.name),
      });
    }

    /** One step towards the template and size wanted. */
    async function move(key: string, turn: Turn): Promise<Telling> {
      const { deployment } = turn;
      if (deployment.metadata.deletionTimestamp) return "count";
      if (deployment.spec.paused || wasScaled(deployment, turn.sets.all)) {
        await refresh(key, turn);
        await scaleAll(key, turn, planScaling(deployment, turn.sets));
        if (deployment.spec.paused) await cleanUp(turn);
        return "count";
      }
      if (isRollingUpdate(deployment)) await rollOn(key, turn);
      else await recreate(key, turn);
      return "rollout";
    }

    async function rollOn(key: string, turn: Turn): Promise<void> {
      await ensureNewSet(key, turn);
      const scalings = planRollingUpdate(turn.deployment, turn.sets);
      await scaleAll(key, turn, scalings);
      if (scalings.length === 0) await cleanUpWhenComplete(turn);
    }

    async function recreate(key: string, turn: Turn): Promise<void> {
      await refresh(key, turn);
      const filled = turn.sets.old.filter(isActive);
      await scaleAll(
        key,
        turn,
        filled.map((set) => ({ set, replicas: 0 })),
      );
      if (filled.length > 0 || hasOldPods(turn.sets)) return;
      await ensureNewSet(key, turn);
      const { newest } = turn.sets;
      if (newest) await scaleAll(key, turn, [{ set: newest, replicas: replicasOf(turn.deployment) }]);
      await cleanUpWhenComplete(turn);
    }

    function hasOldPods({ old }: ReplicaSets): boolean {
      return old.some(
        ({ metadata, status }) =>
          (status?.replicas ?? 0) > 0 || pods.by("controller", metadata.uid ?? "").some((pod) => !isPodTerminal(pod)),
      );
    }

    /** Brings the newest set's annotations and the deployment's revision up to date, if there is such a set. */
    async function refresh(key: string, turn: Turn): Promise<void> {
      const { newest } = turn.sets;
      if (!newest) return;
      const fresh = await refreshNewSet(turn.deployment, newest, turn.sets.old, deps);
      if (fresh !== newest) own.wrote(key, fresh);
      takeNewest(turn, fresh);
      await writeRevision(turn);
      const hasCondition = turn.conditions.some(({ type }) => type === "Progressing");
      if (!hasCondition) tell(turn, "FoundNewReplicaSet", `Found new replica set "${fresh.metadata.name}"`);
    }

    async function ensureNewSet(key: string, turn: Turn): Promise<void> {
      if (turn.sets.newest) return refresh(key, turn);
      const outcome = await createNewSet(turn.deployment, turn.sets, deps);
      switch (outcome.kind) {
        case "collision":
          return countCollision(turn);
        case "failed":
          return failCreation(turn, outcome.name, outcome.error);
        default:
          own.wrote(key, outcome.set);
          takeNewest(turn, outcome.set);
          if (outcome.kind === "created")
            tell(turn, "NewReplicaSetCreated", `Created new replica set "${outcome.set.metadata.name}"`);
          await writeRevision(turn);
      }
    }

    function takeNewest(turn: Turn, set: ReplicaSet): void {
      turn.sets = groupSets(set, [...turn.sets.old, set]);
    }

    function tell(turn: Turn, reason: string, message: string): void {
      if (hasDeadline(turn.deployment))
        turn.conditions = setCondition(turn.conditions, progressing("True", reason, message), clock.now());
    }

    async function countCollision({ deployment }: Turn): Promise<never> {
      const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
      await of(deployment).updateStatus({ ...deployment, status: { ...deployment.status, collisionCount } });
      throw new Error(
        `the name of the new replica set of ${objectKey(deployment)} is taken, collision ${collisionCount}`,
      );
    }

    async function failCreation(turn: Turn, name: string, error: unknown): Promise<never> {
      const message = creationFailure(name, error);
      if (hasDeadline(turn.deployment)) {
        const condition = progressing("False", "ReplicaSetCreateError", message);
        turn.conditions = setCondition(turn.conditions, condition, clock.now());
        await writeStatus(turn, "count");
      }
      events.warn(turn.deployment, "ReplicaSetCreateError", message);
      throw error;
    }

    /** Written with the status, as an annotation that is no wish of the user's: it must not count as a new generation. */
    async function writeRevision(turn: Turn): Promise<void> {
      const { deployment, sets } = turn;
      const revision = sets.newest?.metadata.annotations?.[revisionAnnotation] ?? String(maxRevision(sets.old) + 1);
      if (deployment.metadata.annotations?.[revisionAnnotation] === revision) return;
      const annotations = { ...deployment.metadata.annotations, [revisionAnnotation]: revision };
      turn.deployment = await of(deployment).updateStatus({
        ...deployment,
        metadata: { ...deployment.metadata, annotations },
      });
      ownDeployments.wrote(objectKey(turn.deployment), turn.deployment);
    }

    async function scaleAll(key: string, turn: Turn, scalings: readonly Scaling[]): Promise<void> {
      for (const scaling of scalings) await scale(key, turn, scaling);
    }

    async function scale(key: string, turn: Turn, { set, replicas }: Scaling): Promise<void> {
      const before = set.metadata.annotations ?? {};
      const annotations = { ...before, ...replicasAnnotations(turn.deployment) };
      const from = replicasOf(set);
      if (from === replicas && deepEqual(before, annotations)) return;
      const written = await client.replicasets(set.metadata.namespace).update({
        ...set,
        metadata: { ...set.metadata, annotations },
        spec: { ...set.spec, replicas },
      });
      own.wrote(key, written);
      turn.sets = replaced(turn.sets, written);
      if (from === replicas) return;
      const direction = from < replicas ? "up" : "down";
      const message = `Scaled ${direction} replica set ${set.metadata.name} from ${from} to ${replicas}`;
      events.normal(turn.deployment, "ScalingReplicaSet", message);
    }

    async function cleanUpWhenComplete(turn: Turn): Promise<void> {
      const { deployment, sets, conditions } = turn;
      const status = countedStatus({ deployment, sets, conditions, nowMs: clock.now() });
      if (isComplete(deployment, status)) await cleanUp(turn);
    }

    async function cleanUp({ deployment, sets }: Turn): Promise<void> {
      for (const { metadata } of setsToDelete(deployment, sets.old)) {
        await client
          .replicasets(metadata.namespace)
          .delete(metadata.name)
          .catch((error) => {
            if (!isNotFound(error)) throw error;
          });
      }
    }

    async function writeStatus(turn: Turn, telling: Telling): Promise<void> {
      const { deployment, sets, conditions } = turn;
      const input = { deployment, sets, conditions, nowMs: clock.now() };
      const status: DeploymentStatus = telling === "rollout" ? rolloutStatus(input) : countedStatus(input);
      turn.conditions = status.conditions ?? [];
      if (deepEqual(deployment.status, status)) return;
      const written = await of(deployment).updateStatus({ ...deployment, status });
      ownDeployments.wrote(objectKey(written), written);
    }

    /** A rollout that stands still makes no event when its deadline passes. */
    function nextLook({ deployment, conditions }: Turn): Result {
      if (deployment.metadata.deletionTimestamp || deployment.spec.paused) return done;
      const current = conditions.find(({ type }) => type === "Progressing");
      const wait = deadlineMs(deployment, current, clock.now());
      return wait === undefined ? done : after(Math.max(wait, 0) + 1000);
    }

    function of({ metadata }: Deployment) {
      return client.deployments(metadata.namespace);
    }
  };
}

function selects(deployment: Deployment, set: ReplicaSet): boolean {
  return selectedBy(selectorFrom(deployment.spec.selector))(set);
}

function replaced(sets: ReplicaSets, written: ReplicaSet): ReplicaSets {
  const put = (set: ReplicaSet) => (set.metadata.uid === written.metadata.uid ? written : set);
  return groupSets(sets.newest && put(sets.newest), sets.all.map(put));
}
