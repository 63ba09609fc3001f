import type { DaemonSet, Deployment, PodTemplateSpec, ReplicaSet, StatefulSet } from "@tskube/api";
import {
  deepEqual,
  type FieldError,
  field,
  type LabelSelectorLike,
  labelSelectorAsSelector,
  nonNegativeErrors,
  Path,
  percentErrors,
  validateImmutable,
  validateLabelSelector,
  validateLabels,
} from "@tskube/apimachinery";
import { validatePodSpec } from "../core/pod/validate-pod-spec.ts";

const specPath = Path.of("spec");
const templatePath = specPath.child("template");

interface Selecting {
  readonly selector?: unknown;
  readonly template?: PodTemplateSpec | undefined;
}

/** A selector that is there, valid, not empty, and matches the pods of the template. */
function selectorErrors({ selector, template }: Selecting): FieldError[] {
  const path = specPath.child("selector");
  if (!selector) return [field.required(path)];
  const like = selector as LabelSelectorLike;
  const errors = validateLabelSelector(like, path);
  const isEmpty = !Object.keys(like.matchLabels ?? {}).length && !like.matchExpressions?.length;
  if (isEmpty) errors.push(field.invalid(path, selector, "empty selector is invalid for deployment"));
  if (errors.length > 0) return errors;
  const labels = template?.metadata?.labels;
  if (labelSelectorAsSelector(like).matches(labels)) return [];
  return [
    field.invalid(
      templatePath.child("metadata", "labels"),
      labels ?? null,
      "`selector` does not match template `labels`",
    ),
  ];
}

/** A template whose pods run for ever. */
function templateErrors(template: PodTemplateSpec | undefined): FieldError[] {
  if (!template?.spec) return [field.required(templatePath.child("spec", "containers"))];
  const errors = validateLabels(template.metadata?.labels, templatePath.child("metadata", "labels"));
  errors.push(...validatePodSpec(template.spec, templatePath.child("spec")));
  if (template.spec.restartPolicy && template.spec.restartPolicy !== "Always") {
    errors.push(
      field.notSupported(templatePath.child("spec", "restartPolicy"), template.spec.restartPolicy, ["Always"]),
    );
  }
  if (template.spec.activeDeadlineSeconds !== undefined) {
    errors.push(
      field.forbidden(
        templatePath.child("spec", "activeDeadlineSeconds"),
        "activeDeadlineSeconds in ReplicaSet is not Supported",
      ),
    );
  }
  return errors;
}

function selectorUnchanged(object: Selecting, old: Selecting): FieldError[] {
  return validateImmutable(object.selector, old.selector, specPath.child("selector"));
}

export function validateDeployment({ spec }: Deployment): FieldError[] {
  return [
    ...nonNegativeErrors(spec?.replicas ?? 0, specPath.child("replicas")),
    ...selectorErrors(spec ?? {}),
    ...templateErrors(spec?.template),
    ...strategyErrors(spec?.strategy),
    ...nonNegativeErrors(spec?.minReadySeconds ?? 0, specPath.child("minReadySeconds")),
    ...nonNegativeErrors(spec?.revisionHistoryLimit ?? 0, specPath.child("revisionHistoryLimit")),
    ...progressErrors(spec),
  ];
}

export function validateDeploymentUpdate(object: Deployment, old: Deployment): FieldError[] {
  return [...validateDeployment(object), ...selectorUnchanged(object.spec ?? {}, old.spec ?? {})];
}

type DeploymentSpec = Deployment["spec"];
type DeploymentStrategy = NonNullable<DeploymentSpec>["strategy"];

function progressErrors(spec: DeploymentSpec): FieldError[] {
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec ?? {};
  if (deadline === undefined) return [];
  const path = specPath.child("progressDeadlineSeconds");
  const errors = nonNegativeErrors(deadline, path);
  if (deadline <= minReadySeconds) errors.push(field.invalid(path, deadline, "must be greater than minReadySeconds"));
  return errors;
}

function strategyErrors(strategy: DeploymentStrategy): FieldError[] {
  const path = specPath.child("strategy");
  if (!strategy) return [];
  if (strategy.type === "Recreate") {
    if (!strategy.rollingUpdate) return [];
    return [field.forbidden(path.child("rollingUpdate"), "may not be specified when strategy `type` is 'Recreate'")];
  }
  if (strategy.type !== "RollingUpdate") {
    return [field.notSupported(path.child("type"), strategy.type ?? "", ["Recreate", "RollingUpdate"])];
  }
  const { maxSurge, maxUnavailable } = strategy.rollingUpdate ?? {};
  const at = path.child("rollingUpdate");
  const errors = [
    ...amountErrors(maxSurge, at.child("maxSurge")),
    ...amountErrors(maxUnavailable, at.child("maxUnavailable")),
  ];
  if (isZero(maxSurge) && isZero(maxUnavailable)) {
    errors.push(field.invalid(at.child("maxUnavailable"), maxUnavailable, "may not be 0 when `maxSurge` is 0"));
  }
  return errors;
}

function isZero(amount: number | string | undefined): boolean {
  return amount === 0 || amount === "0%";
}

function amountErrors(amount: number | string | undefined, at: Path): FieldError[] {
  if (amount === undefined) return [];
  if (typeof amount === "number") return nonNegativeErrors(amount, at);
  return percentErrors(amount).map((message) => field.invalid(at, amount, message));
}

export function validateReplicaSet({ spec }: ReplicaSet): FieldError[] {
  return [
    ...nonNegativeErrors(spec?.replicas ?? 0, specPath.child("replicas")),
    ...nonNegativeErrors(spec?.minReadySeconds ?? 0, specPath.child("minReadySeconds")),
    ...selectorErrors(spec ?? {}),
    ...templateErrors(spec?.template),
  ];
}

export function validateReplicaSetUpdate(object: ReplicaSet, old: ReplicaSet): FieldError[] {
  return [...validateReplicaSet(object), ...selectorUnchanged(object.spec ?? {}, old.spec ?? {})];
}

export function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  return [
    ...selectorErrors(spec ?? {}),
    ...templateErrors(spec?.template),
    ...nonNegativeErrors(spec?.minReadySeconds ?? 0, specPath.child("minReadySeconds")),
  ];
}

export function validateDaemonSetUpdate(object: DaemonSet, old: DaemonSet): FieldError[] {
  return [...validateDaemonSet(object), ...selectorUnchanged(object.spec ?? {}, old.spec ?? {})];
}

export function validateStatefulSet({ spec }: StatefulSet): FieldError[] {
  return [
    ...nonNegativeErrors(spec?.replicas ?? 0, specPath.child("replicas")),
    ...selectorErrors(spec ?? {}),
    ...templateErrors(spec?.template),
  ];
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
