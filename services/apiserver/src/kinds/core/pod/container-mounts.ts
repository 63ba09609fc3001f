import type { Container, Volume, VolumeDevice, VolumeMount } from "@tskube/api";
import { type FieldError, field, type Path } from "@tskube/apimachinery";
import { optionalOneOf } from "../../field-rules.ts";
import { validateLocalPath, validateNoBacksteps } from "./local-paths.ts";

const propagations = ["Bidirectional", "HostToContainer", "None"];
const recursions = ["Disabled", "Enabled", "IfPossible"];

/** Where a container sees the pod's volumes. `volumes` are those that are right in themselves. */
export function validateMounts(container: Container, volumes: ReadonlyMap<string, Volume>, at: Path): FieldError[] {
  const { volumeMounts = [], volumeDevices = [] } = container;
  const paths = new Set<string>();
  const errors = volumeMounts.flatMap((mount, index) => {
    const path = at.child("volumeMounts").index(index);
    const found = mountErrors(mount, paths, { volumes, devices: volumeDevices }, path);
    paths.add(mount.mountPath);
    return [...found, ...detailErrors(mount, container, path, at.child("volumeMounts"))];
  });
  return [...errors, ...deviceErrors(volumeDevices, { volumes, mounts: volumeMounts }, at.child("volumeDevices"))];
}

interface Around {
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly devices: readonly VolumeDevice[];
}

function mountErrors(
  { name, mountPath }: VolumeMount,
  paths: ReadonlySet<string>,
  { volumes, devices }: Around,
  at: Path,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!name) errors.push(field.required(at.child("name")));
  if (!volumes.has(name)) errors.push(field.notFound(at.child("name"), name));
  if (!mountPath) errors.push(field.required(at.child("mountPath")));
  if (paths.has(mountPath)) errors.push(field.invalid(at.child("mountPath"), mountPath, "must be unique"));
  if (devices.some((device) => device.name === name)) {
    errors.push(field.invalid(at.child("name"), name, "must not already exist in volumeDevices"));
  }
  if (devices.some((device) => device.devicePath === mountPath)) {
    errors.push(field.invalid(at.child("mountPath"), mountPath, "must not already exist as a path in volumeDevices"));
  }
  return errors;
}

/** Upstream names some fields without the mount's index; clients know them so. */
function detailErrors(mount: VolumeMount, container: Container, at: Path, list: Path): FieldError[] {
  const { subPath, subPathExpr, mountPropagation: propagation } = mount;
  const errors: FieldError[] = [];
  if (subPath) errors.push(...validateLocalPath(subPath, list.child("subPath")));
  if (subPathExpr) {
    if (subPath) {
      const detail = "subPathExpr and subPath are mutually exclusive";
      errors.push(field.invalid(at.child("subPathExpr"), subPathExpr, detail));
    }
    errors.push(...validateLocalPath(subPathExpr, list.child("subPathExpr")));
  }
  errors.push(...optionalOneOf(propagation, propagations, list.child("mountPropagation")));
  if (propagation === "Bidirectional" && !container.securityContext?.privileged) {
    const detail = "Bidirectional mount propagation is available only to privileged containers";
    errors.push(field.forbidden(list.child("mountPropagation"), detail));
  }
  return [...errors, ...recursionErrors(mount, list.child("recursiveReadOnly"))];
}

function recursionErrors({ recursiveReadOnly: recursion, readOnly, mountPropagation }: VolumeMount, at: Path) {
  if (recursion === undefined || recursion === "Disabled") return [];
  if (!recursions.includes(recursion)) return [field.notSupported(at, recursion, recursions)];
  const errors: FieldError[] = [];
  if (!readOnly) errors.push(field.forbidden(at, "may only be specified when readOnly is true"));
  if (mountPropagation !== undefined && mountPropagation !== "None") {
    errors.push(field.forbidden(at, "may only be specified when mountPropagation is None or not specified"));
  }
  return errors;
}

function deviceErrors(
  devices: readonly VolumeDevice[],
  around: { readonly volumes: ReadonlyMap<string, Volume>; readonly mounts: readonly VolumeMount[] },
  at: Path,
): FieldError[] {
  const names = new Set<string>();
  const paths = new Set<string>();
  return devices.flatMap(({ name, devicePath }, index) => {
    const [nameAt, pathAt] = [at.index(index).child("name"), at.index(index).child("devicePath")];
    const volume = around.volumes.get(name);
    const errors: FieldError[] = [];
    if (!name) errors.push(field.required(nameAt));
    if (names.has(name)) errors.push(field.invalid(nameAt, name, "must be unique"));
    if (!volume) errors.push(field.notFound(nameAt, name));
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) {
      const detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
      errors.push(field.invalid(nameAt, name, detail));
    }
    if (!devicePath) errors.push(field.required(pathAt));
    if (paths.has(devicePath)) errors.push(field.invalid(pathAt, devicePath, "must be unique"));
    if (validateNoBacksteps(devicePath, pathAt).length > 0) {
      errors.push(field.invalid(pathAt, devicePath, "can not contain backsteps ('..')"));
    }
    if (around.mounts.some((mount) => mount.name === name)) {
      errors.push(field.invalid(nameAt, name, "must not already exist in volumeMounts"));
    }
    if (around.mounts.some((mount) => mount.mountPath === devicePath)) {
      errors.push(field.invalid(pathAt, devicePath, "must not already exist as a path in volumeMounts"));
    }
    names.add(name);
    paths.add(devicePath);
    return errors;
  });
}
