import type { Container, Pod, PodSpec, Toleration } from "@tskube/api";
import { deepEqual, type FieldError, field, Path, validateImmutable } from "@tskube/apimachinery";
import { validatePodSpec } from "./validate-pod-spec.ts";

const specPath = Path.of("spec");

export function validatePod(pod: Pod): FieldError[] {
  const errors = validatePodSpec(pod.spec, specPath);
  if (!pod.spec.ephemeralContainers?.length) return errors;
  return [...errors, field.forbidden(specPath.child("ephemeralContainers"), "cannot be set on create")];
}

/** What of a pod's spec may change after its creation: little, for the kubelet acts on the rest only once. */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = validateActiveDeadline(pod.spec, old.spec);
  errors.push(...validateImages(pod.spec, old.spec));
  errors.push(...validateOnlyAddedTolerations(pod.spec, old.spec));
  errors.push(...validateGates(pod.spec, old.spec));
  if (errors.length > 0) return errors;
  const comparable = withChangeable(pod.spec, old.spec);
  if (!deepEqual(comparable, old.spec)) {
    errors.push(
      field.forbidden(
        specPath,
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
      ),
    );
  }
  return errors;
}

export function validatePodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  const path = Path.of("status");
  if (pod.spec.nodeName !== old.spec.nodeName)
    errors.push(...validateImmutable(pod.spec.nodeName, old.spec.nodeName, path));
  const qos = pod.status?.qosClass;
  if (old.status?.qosClass && qos !== old.status.qosClass) {
    errors.push(...validateImmutable(qos, old.status.qosClass, path.child("qosClass")));
  }
  return errors;
}

function validateActiveDeadline(spec: PodSpec, old: PodSpec): FieldError[] {
  const path = specPath.child("activeDeadlineSeconds");
  const value = spec.activeDeadlineSeconds;
  const before = old.activeDeadlineSeconds;
  if (value === undefined) {
    return before === undefined
      ? []
      : [field.invalid(path, null, "must not update from a positive integer to nil value")];
  }
  if (value < 0 || value > 2 ** 31 - 1) {
    return [field.invalid(path, value, "must be between 0 and 2147483647, inclusive")];
  }
  if (before !== undefined && before < value) {
    return [field.invalid(path, value, "must be less than or equal to previous value")];
  }
  return [];
}

function validateImages(spec: PodSpec, old: PodSpec): FieldError[] {
  const countError = (name: string) =>
    field.forbidden(specPath.child(name), "pod updates may not add or remove containers");
  if (spec.containers.length !== old.containers.length) return [countError("containers")];
  if ((spec.initContainers ?? []).length !== (old.initContainers ?? []).length) return [countError("initContainers")];
  const check = (containers: readonly Container[] | undefined, name: string) =>
    (containers ?? []).flatMap((container, index) =>
      container.image ? [] : [field.required(specPath.child(name).index(index).child("image"))],
    );
  return [...check(spec.containers, "containers"), ...check(spec.initContainers, "initContainers")];
}

function validateOnlyAddedTolerations(spec: PodSpec, old: PodSpec): FieldError[] {
  const isKept = (toleration: Toleration) =>
    (spec.tolerations ?? []).some((other) =>
      deepEqual({ ...other, tolerationSeconds: undefined }, { ...toleration, tolerationSeconds: undefined }),
    );
  if ((old.tolerations ?? []).every(isKept)) return [];
  return [
    field.forbidden(
      specPath.child("tolerations"),
      "existing toleration can not be modified except its tolerationSeconds",
    ),
  ];
}

function validateGates(spec: PodSpec, old: PodSpec): FieldError[] {
  const before = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  const added = (spec.schedulingGates ?? []).filter(({ name }) => !before.has(name));
  if (added.length === 0) return [];
  const names = added.map(({ name }) => name).join(", ");
  return [
    field.forbidden(
      specPath.child("schedulingGates"),
      `only deletion is allowed, but found new scheduling gates '${names}'`,
    ),
  ];
}

/** The new spec with everything that may change as it was before. */
function withChangeable(spec: PodSpec, old: PodSpec): PodSpec {
  const images = (containers: readonly Container[] | undefined, before: readonly Container[] | undefined) =>
    containers?.map((container, index) => ({ ...container, image: before?.[index]?.image }));
  const isGated = (old.schedulingGates ?? []).length > 0;
  const grace = (old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1;
  return {
    ...spec,
    containers: images(spec.containers, old.containers) ?? [],
    initContainers: images(spec.initContainers, old.initContainers),
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    tolerations: old.tolerations,
    schedulingGates: old.schedulingGates,
    ...(grace && { terminationGracePeriodSeconds: old.terminationGracePeriodSeconds }),
    // A pod that is still held back may be narrowed in where it can go.
    ...(isGated && { nodeSelector: old.nodeSelector, affinity: old.affinity }),
  };
}
