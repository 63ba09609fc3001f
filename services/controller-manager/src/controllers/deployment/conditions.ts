import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from "@tskube/api";
import { formatTime, parseTime } from "@tskube/apimachinery";
import { replicasOf } from "./strategy.ts";

export type Conditions = readonly DeploymentCondition[];
type NewCondition = Pick<DeploymentCondition, "type" | "status" | "reason" | "message">;

/** The condition in the list unless its status and reason are there already; the transition time moves with the status only. */
export function setCondition(conditions: Conditions, condition: NewCondition, nowMs: number): Conditions {
  const old = conditions.find(({ type }) => type === condition.type);
  if (old && old.status === condition.status && old.reason === condition.reason) return conditions;
  return renewCondition(conditions, condition, nowMs);
}

/** The same, but the update time moves in any case. */
function renewCondition(conditions: Conditions, condition: NewCondition, nowMs: number): Conditions {
  const old = conditions.find(({ type }) => type === condition.type);
  const now = formatTime(nowMs);
  const lastTransitionTime = (old?.status === condition.status ? old.lastTransitionTime : undefined) ?? now;
  return [...without(conditions, condition.type), { ...condition, lastUpdateTime: now, lastTransitionTime }];
}

export function without(conditions: Conditions, type: string): Conditions {
  return conditions.filter((one) => one.type !== type);
}

/** Progressing for a reason that has nothing to do with pods: paused, resumed, a set found or created. */
export function progressing(status: "True" | "False" | "Unknown", reason: string, message: string): NewCondition {
  return { type: "Progressing", status, reason, message };
}

/** Upstream takes the largest number for no deadline. */
const noDeadlineSeconds = 2 ** 31 - 1;

export function hasDeadline(deployment: Deployment): boolean {
  const seconds = deployment.spec.progressDeadlineSeconds;
  return seconds !== undefined && seconds !== noDeadlineSeconds;
}

/** The conditions with the pause told, as far as it has not been. A missed deadline is not covered up. */
export function withPause(deployment: Deployment, nowMs: number): Conditions {
  const conditions = deployment.status?.conditions ?? [];
  if (!hasDeadline(deployment)) return conditions;
  const reason = conditions.find(({ type }) => type === "Progressing")?.reason;
  if (reason === "ProgressDeadlineExceeded") return conditions;
  if (deployment.spec.paused && reason !== "DeploymentPaused")
    return setCondition(conditions, progressing("Unknown", "DeploymentPaused", "Deployment is paused"), nowMs);
  if (!deployment.spec.paused && reason === "DeploymentPaused")
    return setCondition(conditions, progressing("Unknown", "DeploymentResumed", "Deployment is resumed"), nowMs);
  return conditions;
}

export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wanted = replicasOf(deployment);
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status;
  return (
    updatedReplicas === wanted &&
    replicas === wanted &&
    availableReplicas === wanted &&
    observedGeneration >= (deployment.metadata.generation ?? 0)
  );
}

/** What the status says of the rollout: complete, moving, or beyond its deadline. */
export function withProgress(
  deployment: Deployment,
  status: DeploymentStatus,
  newest: ReplicaSet | undefined,
  nowMs: number,
): Conditions {
  const conditions = status.conditions ?? [];
  if (!hasDeadline(deployment)) return without(conditions, "Progressing");
  const current = conditions.find(({ type }) => type === "Progressing");
  const wasComplete = status.replicas === status.updatedReplicas && current?.reason === "NewReplicaSetAvailable";
  if (wasComplete) return conditions;
  const what = newest ? `ReplicaSet "${newest.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  if (isComplete(deployment, status)) {
    const done = progressing("True", "NewReplicaSetAvailable", `${what} has successfully progressed.`);
    return setCondition(conditions, done, nowMs);
  }
  if (hasMoved(deployment.status ?? {}, status)) {
    return renewCondition(conditions, progressing("True", "ReplicaSetUpdated", `${what} is progressing.`), nowMs);
  }
  if (isBeyondDeadline(deployment, current, nowMs)) {
    const late = progressing("False", "ProgressDeadlineExceeded", `${what} has timed out progressing.`);
    return setCondition(conditions, late, nowMs);
  }
  return conditions;
}

function hasMoved(before: DeploymentStatus, now: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (now.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(now) < old(before) ||
    (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function isBeyondDeadline(deployment: Deployment, current: DeploymentCondition | undefined, nowMs: number): boolean {
  const wait = deadlineMs(deployment, current, nowMs);
  return current?.reason === "ProgressDeadlineExceeded" || (wait !== undefined && wait < 0);
}

/** How long until the rollout is late; undefined when it has no deadline or has ended. */
export function deadlineMs(
  deployment: Deployment,
  current: DeploymentCondition | undefined,
  nowMs: number,
): number | undefined {
  const { progressDeadlineSeconds = 0 } = deployment.spec;
  if (!hasDeadline(deployment) || !current) return undefined;
  if (current.reason === "NewReplicaSetAvailable" || current.reason === "ProgressDeadlineExceeded") return undefined;
  const updatedAt = parseTime(current.lastUpdateTime ?? "") ?? nowMs;
  return updatedAt + progressDeadlineSeconds * 1000 - nowMs;
}
