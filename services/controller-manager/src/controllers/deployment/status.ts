import type { Deployment, DeploymentStatus } from "@tskube/api";
import { type Conditions, setCondition, without, withProgress } from "./conditions.ts";
import type { ReplicaSets } from "./replica-sets.ts";
import { availableOf, maxUnavailable, replicasOf, sum } from "./strategy.ts";

export interface StatusInput {
  readonly deployment: Deployment;
  readonly sets: ReplicaSets;
  /** The conditions so far, with what this reconcile added. */
  readonly conditions: Conditions;
  readonly nowMs: number;
}

/** The status of a deployment whose rollout may move: counts, Available, Progressing and failures of its sets. */
export function rolloutStatus(input: StatusInput): DeploymentStatus {
  const { deployment, sets, nowMs } = input;
  const status = countedStatus(input);
  const conditions = withProgress(deployment, status, sets.newest, nowMs);
  return { ...status, conditions: [...withReplicaFailure(conditions, sets, nowMs)] };
}

/** The status of a deployment that is only counted: paused, scaled, or being deleted. */
export function countedStatus({ deployment, sets, conditions, nowMs }: StatusInput): DeploymentStatus {
  const available = sum(sets.all, availableOf);
  const unavailable = Math.max(0, sum(sets.all, replicasOf) - available);
  const enough = available >= replicasOf(deployment) - maxUnavailable(deployment);
  const collisions = deployment.status?.collisionCount;
  return {
    ...(deployment.metadata.generation !== undefined && { observedGeneration: deployment.metadata.generation }),
    ...nonZero({
      replicas: sum(sets.all, ({ status }) => status?.replicas ?? 0),
      updatedReplicas: sets.newest?.status?.replicas ?? 0,
      readyReplicas: sum(sets.all, ({ status }) => status?.readyReplicas ?? 0),
      availableReplicas: available,
      unavailableReplicas: unavailable,
    }),
    terminatingReplicas: sum(sets.all, ({ status }) => status?.terminatingReplicas ?? 0),
    conditions: [...setCondition(conditions, availability(enough), nowMs)],
    ...(collisions !== undefined && { collisionCount: collisions }),
  };
}

function availability(enough: boolean) {
  return enough
    ? {
        type: "Available",
        status: "True",
        reason: "MinimumReplicasAvailable",
        message: "Deployment has minimum availability.",
      }
    : {
        type: "Available",
        status: "False",
        reason: "MinimumReplicasUnavailable",
        message: "Deployment does not have minimum availability.",
      };
}

/** The newest set's failure says more than an old one's. */
function withReplicaFailure(conditions: Conditions, { newest, old }: ReplicaSets, nowMs: number): Conditions {
  const failures = [...(newest ? [newest] : []), ...old].flatMap(
    ({ status }) => status?.conditions?.filter(({ type }) => type === "ReplicaFailure") ?? [],
  );
  const [failure] = failures;
  if (!failure) return without(conditions, "ReplicaFailure");
  const { type, status, reason, message } = failure;
  return setCondition(conditions, { type, status, reason, message }, nowMs);
}

function nonZero<T extends Readonly<Record<string, number>>>(counts: T): Partial<T> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)) as Partial<T>;
}
