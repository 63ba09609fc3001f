import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from "../generated/apps/v1.ts";
import type { CronJob, Job, PodFailurePolicyOnPodConditionsPattern } from "../generated/batch/v1.ts";
import type { ReplicationController } from "../generated/core/v1.ts";
import type { PriorityClass } from "../generated/scheduling.k8s.io/v1.ts";
import type { DefaultsByType } from "./defaults-by-type.ts";

export const workloadDefaults: DefaultsByType = {
  "apps/v1.Deployment": defaultDeployment,
  "apps/v1.DaemonSet": defaultDaemonSet,
  "apps/v1.StatefulSet": defaultStatefulSet,
  "apps/v1.ReplicaSet": ({ spec }: ReplicaSet) => {
    spec.replicas ??= 1;
  },
  "core/v1.ReplicationController": defaultReplicationController,
  "batch/v1.Job": defaultJob,
  "batch/v1.CronJob": ({ spec }: CronJob) => {
    spec.concurrencyPolicy ||= "Allow";
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
  },
  "batch/v1.PodFailurePolicyOnPodConditionsPattern": (pattern: PodFailurePolicyOnPodConditionsPattern) => {
    pattern.status ||= "True";
  },
  "scheduling.k8s.io/v1.PriorityClass": (priorityClass: PriorityClass) => {
    priorityClass.preemptionPolicy ??= "PreemptLowerPriority";
  },
};

function defaultDeployment({ spec }: Deployment): void {
  spec.replicas ??= 1;
  spec.strategy ??= {};
  spec.strategy.type ||= "RollingUpdate";
  if (spec.strategy.type === "RollingUpdate") {
    spec.strategy.rollingUpdate ??= {};
    spec.strategy.rollingUpdate.maxUnavailable ??= "25%";
    spec.strategy.rollingUpdate.maxSurge ??= "25%";
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
}

function defaultDaemonSet({ spec }: DaemonSet): void {
  spec.updateStrategy ??= {};
  spec.updateStrategy.type ||= "RollingUpdate";
  if (spec.updateStrategy.type === "RollingUpdate") {
    spec.updateStrategy.rollingUpdate ??= {};
    spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
    spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
}

function defaultStatefulSet({ spec }: StatefulSet): void {
  spec.podManagementPolicy ||= "OrderedReady";
  spec.updateStrategy ??= {};
  if (!spec.updateStrategy.type) {
    spec.updateStrategy.type = "RollingUpdate";
    spec.updateStrategy.rollingUpdate ??= {};
  }
  if (spec.updateStrategy.type === "RollingUpdate" && spec.updateStrategy.rollingUpdate) {
    spec.updateStrategy.rollingUpdate.partition ??= 0;
    spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= "Retain";
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= "Retain";
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  // Claims in a template say what they are, as they did before protobuf could not.
  spec.volumeClaimTemplates = spec.volumeClaimTemplates?.map((claim) =>
    Object.assign(claim, { apiVersion: "v1", kind: "PersistentVolumeClaim" }),
  );
  if (spec.volumeClaimTemplates === undefined) delete spec.volumeClaimTemplates;
}

function defaultReplicationController({ metadata, spec }: ReplicationController): void {
  const labels = spec.template?.metadata?.labels;
  if (labels === undefined) return;
  if (isEmpty(spec.selector)) spec.selector = { ...labels };
  if (isEmpty(metadata.labels)) metadata.labels = { ...labels };
}

/** The number of pod failures past which nobody counts: as many as fit. */
const noBackoffLimit = 2 ** 31 - 1;

function defaultJob({ metadata, spec }: Job): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  // Limits per index make the common one superfluous.
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : noBackoffLimit;
  const labels = spec.template.metadata?.labels;
  if (labels !== undefined && isEmpty(metadata.labels)) metadata.labels = { ...labels };
  spec.completionMode ??= "NonIndexed";
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? "TerminatingOrFailed" : "Failed";
  spec.manualSelector ??= false;
}

function isEmpty(labels: Readonly<Record<string, string>> | undefined): boolean {
  return labels === undefined || Object.keys(labels).length === 0;
}
