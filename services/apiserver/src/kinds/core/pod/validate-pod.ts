import type { Container, Pod, PodSpec, ResourceRequirements, Toleration } from "@tskube/api";
import { deepEqual, type FieldError, field, Path, validateImmutable } from "@tskube/apimachinery";
import { qosClass } from "./qos.ts";
import { validatePodSpec } from "./validate-pod-spec.ts";

const specPath = Path.of("spec");
const resizable = ["cpu", "memory"];

export function validatePod(pod: Pod): FieldError[] {
  const { spec } = pod;
  const errors = validateWholePod(spec);
  if (spec.nodeName && spec.schedulingGates?.length) {
    const detail = "cannot be set until all schedulingGates have been cleared";
    errors.push(field.forbidden(specPath.child("nodeName"), detail));
  }
  if (!spec.ephemeralContainers?.length) return errors;
  return [...errors, field.forbidden(specPath.child("ephemeralContainers"), "cannot be set on create")];
}

/** What is asked of a pod at any time, and of templates not: a template may still be completed. */
export function validateWholePod(spec: PodSpec): FieldError[] {
  return [...validatePodSpec(spec, specPath), ...tokenErrors(spec), ...imageErrors(spec)];
}

/** Tokens are those of the pod's account. */
function tokenErrors({ serviceAccountName, volumes = [] }: PodSpec): FieldError[] {
  if (serviceAccountName) return [];
  return volumes.flatMap(({ projected }, index) =>
    (projected?.sources ?? []).flatMap(({ serviceAccountToken }, sourceIndex) => {
      if (!serviceAccountToken) return [];
      const sourceAt = specPath.child("volumes").index(index).child("projected", "sources").index(sourceIndex);
      const detail = "must not be specified when serviceAccountName is not set";
      return [field.forbidden(sourceAt.child("serviceAccountToken"), detail)];
    }),
  );
}

function imageErrors(spec: PodSpec): FieldError[] {
  return (["containers", "initContainers", "ephemeralContainers"] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap(({ image = "" }, index) => {
      if (image.trim() === image) return [];
      const path = specPath.child(list).index(index).child("image");
      return [field.invalid(path, image, "must not have leading or trailing whitespace")];
    }),
  );
}

/** What of a pod's spec may change after its creation: little, for the kubelet acts on the rest only once. */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = validateWholePod(pod.spec);
  const images = validateImages(pod.spec, old.spec);
  errors.push(...images.errors);
  if (images.differInCount) return errors;
  errors.push(...validateActiveDeadline(pod.spec, old.spec));
  errors.push(...validateOnlyAddedTolerations(pod.spec, old.spec));
  errors.push(...validateGates(pod.spec, old.spec));
  if (isGated(old.spec)) errors.push(...validateNarrowing(pod.spec, old.spec));
  if (!deepEqual(withChangeable(pod.spec, old.spec), old.spec)) {
    errors.push(
      field.forbidden(
        specPath,
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
      ),
    );
  }
  return errors;
}

/** What a resize may change, and what of that: the quality of service of a pod is settled with its creation. */
export function validatePodResize(pod: Pod, old: Pod): FieldError[] {
  const errors = validateWholePod(pod.spec);
  if (old.spec.os?.name === "windows") errors.push(field.forbidden(Path.of(""), "windows pods cannot be resized"));
  const quality = qosClass(pod);
  if (quality !== (old.status?.qosClass || qosClass(old))) {
    errors.push(field.invalid(specPath, quality, "Pod QOS Class may not change as a result of resizing"));
  }
  for (const list of ["containers", "initContainers"] as const) {
    for (const [index, container] of (pod.spec[list] ?? []).entries()) {
      const before = old.spec[list]?.[index];
      const path = specPath.child(list).index(index).child("resources");
      if (!before || deepEqual(container.resources ?? {}, before.resources ?? {})) continue;
      if (list === "initContainers" && container.restartPolicy !== "Always") {
        errors.push(field.forbidden(path, "resources for non-sidecar init containers are immutable"));
      } else errors.push(...resizeErrors(container.resources ?? {}, before.resources ?? {}, path));
    }
  }
  return errors;
}

function resizeErrors(after: ResourceRequirements, before: ResourceRequirements, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  for (const list of ["requests", "limits"] as const) {
    const [now, then] = [after[list] ?? {}, before[list] ?? {}];
    if (resizable.some((name) => then[name] !== undefined && now[name] === undefined)) {
      errors.push(field.forbidden(at.child(list), `resource ${list} cannot be removed`));
    }
    const rest = (amounts: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(amounts).filter(([name]) => !resizable.includes(name)));
    if (!deepEqual(rest(now), rest(then))) {
      errors.push(field.forbidden(at.child(list), "only cpu and memory resources are mutable"));
    }
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

interface ImageErrors {
  readonly errors: FieldError[];
  /** Nothing else can be compared then. */
  readonly differInCount: boolean;
}

function validateImages(spec: PodSpec, old: PodSpec): ImageErrors {
  const errors: FieldError[] = [];
  for (const list of ["containers", "initContainers"] as const) {
    const containers = spec[list] ?? [];
    if (containers.length !== (old[list] ?? []).length) {
      errors.push(field.forbidden(specPath.child(list), "pod updates may not add or remove containers"));
      return { errors, differInCount: true };
    }
    for (const [index, { image }] of containers.entries()) {
      if (!image?.trim()) errors.push(field.required(specPath.child(list).index(index).child("image")));
    }
  }
  return { errors, differInCount: false };
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

function isGated({ schedulingGates }: PodSpec): boolean {
  return (schedulingGates ?? []).length > 0;
}

/** Where a pod can go may only become less while it is held back. */
function validateNarrowing(spec: PodSpec, old: PodSpec): FieldError[] {
  const isKept = Object.entries(old.nodeSelector ?? {}).every(([key, value]) => spec.nodeSelector?.[key] === value);
  if (isKept) return [];
  const detail = "no entries may be deleted or changed, only additions are allowed";
  return [field.invalid(specPath.child("nodeSelector"), spec.nodeSelector ?? null, detail)];
}

/** The new spec with everything that may change as it was before. */
function withChangeable(spec: PodSpec, old: PodSpec): PodSpec {
  const images = (containers: readonly Container[] | undefined, before: readonly Container[] | undefined) =>
    containers?.map((container, index) => ({ ...container, image: before?.[index]?.image }));
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
    ...(isGated(old) && { nodeSelector: old.nodeSelector, affinity: old.affinity }),
  };
}
