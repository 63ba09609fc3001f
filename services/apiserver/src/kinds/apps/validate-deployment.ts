import type { Deployment, ReplicaSet } from "@tskube/api";
import { type FieldError, field, nonNegativeErrors, Path } from "@tskube/apimachinery";
import { atMostAllErrors, optionalAmount, optionalNonNegative } from "../field-rules.ts";
import { selectorUnchanged, validateLastingTemplate, validateSelector } from "./pod-template.ts";

const specPath = Path.of("spec");
type DeploymentSpec = NonNullable<Deployment["spec"]>;

export function validateDeployment({ spec }: Deployment): FieldError[] {
  return [
    ...nonNegativeErrors(spec?.replicas ?? 0, specPath.child("replicas")),
    ...validateSelector(spec ?? {}, "deployment", specPath),
    ...validateLastingTemplate(spec?.template, "ReplicaSet", specPath.child("template")),
    ...strategyErrors(spec?.strategy, specPath.child("strategy")),
    ...optionalNonNegative(spec?.minReadySeconds, specPath.child("minReadySeconds")),
    ...optionalNonNegative(spec?.revisionHistoryLimit, specPath.child("revisionHistoryLimit")),
    ...progressErrors(spec),
  ];
}

export function validateDeploymentUpdate(object: Deployment, old: Deployment): FieldError[] {
  return [...validateDeployment(object), ...selectorUnchanged(object.spec ?? {}, old.spec ?? {}, specPath)];
}

/** Counts of a status: none is negative, and no part is more than the whole. */
export function validateDeploymentStatus({ status = {} }: Deployment): FieldError[] {
  const at = Path.of("status");
  const counts = [
    "observedGeneration",
    "replicas",
    "updatedReplicas",
    "readyReplicas",
    "availableReplicas",
    "unavailableReplicas",
  ] as const;
  const parts = ["updatedReplicas", "readyReplicas", "availableReplicas"] as const;
  const [replicas = 0, ready = 0, available = 0] = [status.replicas, status.readyReplicas, status.availableReplicas];
  const errors = counts.flatMap((name) => optionalNonNegative(status[name], at.child(name)));
  for (const name of parts) {
    const value = status[name] ?? 0;
    if (value > replicas) {
      errors.push(field.invalid(at.child(name), value, "cannot be greater than status.replicas"));
    }
  }
  if (available > ready) {
    errors.push(field.invalid(at.child("availableReplicas"), available, "cannot be greater than readyReplicas"));
  }
  return errors;
}

function progressErrors(spec: Deployment["spec"]): FieldError[] {
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec ?? {};
  if (deadline === undefined) return [];
  const path = specPath.child("progressDeadlineSeconds");
  const errors = nonNegativeErrors(deadline, path);
  if (deadline <= minReadySeconds) errors.push(field.invalid(path, deadline, "must be greater than minReadySeconds"));
  return errors;
}

function strategyErrors(strategy: DeploymentSpec["strategy"], at: Path): FieldError[] {
  if (!strategy) return [];
  const { type = "", rollingUpdate } = strategy;
  if (type === "Recreate") {
    if (!rollingUpdate) return [];
    return [field.forbidden(at.child("rollingUpdate"), "may not be specified when strategy `type` is 'Recreate'")];
  }
  if (type !== "RollingUpdate") return [field.notSupported(at.child("type"), type, ["Recreate", "RollingUpdate"])];
  const { maxSurge, maxUnavailable } = rollingUpdate ?? {};
  const path = at.child("rollingUpdate");
  const errors = [
    ...optionalAmount(maxUnavailable, path.child("maxUnavailable")),
    ...optionalAmount(maxSurge, path.child("maxSurge")),
  ];
  if (isZero(maxSurge) && isZero(maxUnavailable)) {
    errors.push(field.invalid(path.child("maxUnavailable"), maxUnavailable, "may not be 0 when `maxSurge` is 0"));
  }
  return [...errors, ...atMostAllErrors(maxUnavailable, path.child("maxUnavailable"))];
}

function isZero(amount: number | string | undefined): boolean {
  return amount === 0 || amount === "0%";
}

export function validateReplicaSet({ spec }: ReplicaSet): FieldError[] {
  return [
    ...nonNegativeErrors(spec?.replicas ?? 0, specPath.child("replicas")),
    ...optionalNonNegative(spec?.minReadySeconds, specPath.child("minReadySeconds")),
    // Upstream's words are the deployment's here, too.
    ...validateSelector(spec ?? {}, "deployment", specPath),
    ...validateLastingTemplate(spec?.template, "ReplicaSet", specPath.child("template")),
  ];
}

export function validateReplicaSetUpdate(object: ReplicaSet, old: ReplicaSet): FieldError[] {
  return [...validateReplicaSet(object), ...selectorUnchanged(object.spec ?? {}, old.spec ?? {}, specPath)];
}

/** Counts of a status, of replica sets and replication controllers alike. */
export function validateReplicaStatus({ status }: Pick<ReplicaSet, "status">): FieldError[] {
  const at = Path.of("status");
  const counts = status ?? { replicas: 0 };
  const names = [
    "replicas",
    "fullyLabeledReplicas",
    "readyReplicas",
    "availableReplicas",
    "observedGeneration",
  ] as const;
  const errors = names.flatMap((name) => optionalNonNegative(counts[name], at.child(name)));
  for (const name of ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"] as const) {
    const value = counts[name] ?? 0;
    if (value > counts.replicas) {
      errors.push(field.invalid(at.child(name), value, "cannot be greater than status.replicas"));
    }
  }
  const available = counts.availableReplicas ?? 0;
  if (available > (counts.readyReplicas ?? 0)) {
    errors.push(field.invalid(at.child("availableReplicas"), available, "cannot be greater than readyReplicas"));
  }
  return errors;
}
