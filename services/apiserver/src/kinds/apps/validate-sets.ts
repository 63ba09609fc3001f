import type { ControllerRevision, DaemonSet, StatefulSet } from "@tskube/api";
import { deepEqual, type FieldError, field, nonNegativeErrors, Path, validateImmutable } from "@tskube/apimachinery";
import { atMostAllErrors, optionalAmount, optionalNonNegative, optionalOneOf } from "../field-rules.ts";
import { selectorUnchanged, validateLastingTemplate, validateSelector } from "./pod-template.ts";

const specPath = Path.of("spec");

export function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  return [
    ...validateSelector(spec ?? {}, "daemonset", specPath),
    ...validateLastingTemplate(spec?.template, "DaemonSet", specPath.child("template")),
    ...optionalNonNegative(spec?.minReadySeconds, specPath.child("minReadySeconds")),
    ...daemonStrategyErrors(spec?.updateStrategy, specPath.child("updateStrategy")),
    ...optionalNonNegative(spec?.revisionHistoryLimit, specPath.child("revisionHistoryLimit")),
  ];
}

export function validateDaemonSetUpdate(object: DaemonSet, old: DaemonSet): FieldError[] {
  return [...validateDaemonSet(object), ...selectorUnchanged(object.spec ?? {}, old.spec ?? {}, specPath)];
}

type DaemonStrategy = NonNullable<DaemonSet["spec"]>["updateStrategy"];

function daemonStrategyErrors(strategy: DaemonStrategy, at: Path): FieldError[] {
  const { type = "", rollingUpdate } = strategy ?? {};
  if (!strategy || type === "OnDelete") return [];
  if (type !== "RollingUpdate") return [field.notSupported(at.child("type"), type, ["RollingUpdate", "OnDelete"])];
  const path = at.child("rollingUpdate");
  if (!rollingUpdate) return [field.required(path)];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const errors = (["maxUnavailable", "maxSurge"] as const).flatMap((name) => [
    ...optionalAmount(rollingUpdate[name], path.child(name)),
    ...atMostAllErrors(rollingUpdate[name], path.child(name)),
  ]);
  if (isSome(maxUnavailable) && isSome(maxSurge)) {
    errors.push(field.invalid(path.child("maxSurge"), maxSurge, "may not be set when maxUnavailable is non-zero"));
  }
  if (!isSome(maxUnavailable) && !isSome(maxSurge)) {
    errors.push(field.required(path.child("maxUnavailable"), "cannot be 0 when maxSurge is 0"));
  }
  return errors;
}

function isSome(amount: number | string | undefined): boolean {
  return amount !== undefined && Number.parseInt(String(amount), 10) !== 0;
}

type StatefulSetSpec = NonNullable<StatefulSet["spec"]>;

export function validateStatefulSet({ spec }: StatefulSet): FieldError[] {
  return [
    ...managementErrors(spec?.podManagementPolicy, specPath.child("podManagementPolicy")),
    ...updateErrors(spec?.updateStrategy, specPath.child("updateStrategy")),
    ...retentionErrors(spec?.persistentVolumeClaimRetentionPolicy),
    ...nonNegativeErrors(spec?.replicas ?? 0, specPath.child("replicas")),
    ...optionalNonNegative(spec?.minReadySeconds, specPath.child("minReadySeconds")),
    ...optionalNonNegative(spec?.ordinals?.start, specPath.child("ordinals.start")),
    ...validateSelector(spec ?? {}, "statefulset", specPath),
    ...validateLastingTemplate(spec?.template, "StatefulSet", specPath.child("template")),
    ...optionalNonNegative(spec?.revisionHistoryLimit, specPath.child("revisionHistoryLimit")),
  ];
}

function managementErrors(policy: string | undefined, at: Path): FieldError[] {
  if (!policy) return [field.required(at)];
  if (policy === "OrderedReady" || policy === "Parallel") return [];
  return [field.invalid(at, policy, "must be 'OrderedReady' or 'Parallel'")];
}

function updateErrors(strategy: StatefulSetSpec["updateStrategy"], at: Path): FieldError[] {
  const { type, rollingUpdate } = strategy ?? {};
  const path = at.child("rollingUpdate");
  switch (type) {
    case undefined:
    case "":
      return [field.required(at)];
    case "OnDelete":
      return rollingUpdate
        ? [field.invalid(path, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")]
        : [];
    case "RollingUpdate":
      return [
        ...optionalNonNegative(rollingUpdate?.partition, path.child("partition")),
        ...unavailableErrors(rollingUpdate?.maxUnavailable, path.child("maxUnavailable")),
      ];
    default:
      return [field.invalid(at, strategy, "must be 'RollingUpdate' or 'OnDelete'")];
  }
}

function unavailableErrors(amount: number | string | undefined, at: Path): FieldError[] {
  if (amount === undefined) return [];
  const errors = [...optionalAmount(amount, at), ...atMostAllErrors(amount, at)];
  return isSome(amount) ? errors : [...errors, field.invalid(at, amount, "cannot be 0")];
}

function retentionErrors(policy: StatefulSetSpec["persistentVolumeClaimRetentionPolicy"]): FieldError[] {
  const at = specPath.child("persistentVolumeClaimRetentionPolicy");
  return (["whenDeleted", "whenScaled"] as const).flatMap((name) =>
    optionalOneOf(policy?.[name], ["Retain", "Delete"], at.child(name)),
  );
}

const changeable = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
] as const;

export function validateStatefulSetUpdate(object: StatefulSet, old: StatefulSet): FieldError[] {
  const errors = validateStatefulSet(object);
  const kept = Object.fromEntries(changeable.map((name) => [name, undefined]));
  if (!deepEqual({ ...object.spec, ...kept }, { ...old.spec, ...kept })) {
    errors.push(
      field.forbidden(
        specPath,
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      ),
    );
  }
  return errors;
}

export function validateControllerRevision({ revision }: ControllerRevision): FieldError[] {
  return nonNegativeErrors(revision, Path.of("revision"));
}

export function validateControllerRevisionUpdate(object: ControllerRevision, old: ControllerRevision): FieldError[] {
  return [...validateControllerRevision(object), ...validateImmutable(object.data, old.data, Path.of("data"))];
}
