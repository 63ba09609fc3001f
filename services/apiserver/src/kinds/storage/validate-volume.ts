import type { PersistentVolume, VolumeSource } from "@tskube/api";
import {
  deepEqual,
  dns1123SubdomainErrors,
  type FieldError,
  field,
  Path,
  parseQuantity,
  validateImmutable,
} from "@tskube/apimachinery";
import { validateNoBacksteps } from "../core/pod/local-paths.ts";
import { validateVolumeSource } from "../core/pod/volume-sources.ts";
import { optionalName, optionalOneOf } from "../field-rules.ts";
import { accessModeErrors, volumeModes } from "./access-modes.ts";

const specPath = Path.of("spec");
const reclaimPolicies = ["Delete", "Recycle", "Retain"];
/** What a volume's spec has besides where its data are. */
const common = new Set([
  "capacity",
  "accessModes",
  "claimRef",
  "persistentVolumeReclaimPolicy",
  "storageClassName",
  "mountOptions",
  "volumeMode",
  "nodeAffinity",
  "volumeAttributesClassName",
]);

export function validateVolume({ spec }: PersistentVolume): FieldError[] {
  if (!spec) return [field.required(specPath.child("capacity"))];
  return [
    ...accessModeErrors(spec.accessModes, specPath.child("accessModes")),
    ...capacityErrors(spec.capacity ?? {}),
    ...optionalOneOf(
      spec.persistentVolumeReclaimPolicy,
      reclaimPolicies,
      specPath.child("persistentVolumeReclaimPolicy"),
    ),
    ...sourceErrors(spec),
    ...optionalName(spec.storageClassName, dns1123SubdomainErrors, specPath.child("storageClassName")),
    ...optionalOneOf(spec.volumeMode, volumeModes, specPath.child("volumeMode")),
  ];
}

function capacityErrors(capacity: Readonly<Record<string, string>>): FieldError[] {
  const path = specPath.child("capacity");
  if (Object.keys(capacity).length === 0) return [field.required(path)];
  const { storage } = capacity;
  if (storage === undefined || Object.keys(capacity).length > 1) {
    return [field.notSupported(path, Object.keys(capacity).join(","), ["storage"])];
  }
  if (parseQuantity(storage).nanos > 0n) return [];
  return [field.invalid(path.key("storage"), storage, "must be greater than zero")];
}

type Spec = NonNullable<PersistentVolume["spec"]>;

function sourcesOf(spec: Spec): [string, unknown][] {
  return Object.entries(spec).filter(([name, value]) => !common.has(name) && value !== undefined);
}

function sourceErrors(spec: Spec): FieldError[] {
  const [first, ...others] = sourcesOf(spec);
  if (!first) return [field.required(specPath, "must specify a volume type")];
  const errors = others.map(([name]) =>
    field.forbidden(specPath.child(name), "may not specify more than 1 volume type"),
  );
  // A volume of the cluster is what a pod's volume of the kind is, but for where its secrets are.
  errors.push(...validateVolumeSource(first[0], spec as VolumeSource, specPath.child(first[0])));
  if (spec.hostPath?.path === "/" && spec.persistentVolumeReclaimPolicy === "Recycle") {
    const detail = "may not be 'recycle' for a hostPath mount of '/'";
    errors.push(field.forbidden(specPath.child("persistentVolumeReclaimPolicy"), detail));
  }
  return [...errors, ...localErrors(spec), ...(spec.csi ? driverErrors(spec.csi) : [])];
}

function localErrors({ local, nodeAffinity }: Spec): FieldError[] {
  if (!local) return [];
  const path = specPath.child("local", "path");
  const errors = local.path ? validateNoBacksteps(local.path, path) : [field.required(path)];
  if (nodeAffinity) return errors;
  return [...errors, field.required(Path.of("metadata", "annotations"), "Local volume requires node affinity")];
}

const secretRefs = [
  "controllerPublishSecretRef",
  "controllerExpandSecretRef",
  "nodePublishSecretRef",
  "nodeExpandSecretRef",
] as const;

function driverErrors(csi: NonNullable<Spec["csi"]>): FieldError[] {
  const at = specPath.child("csi");
  const errors = csi.volumeHandle ? [] : [field.required(at.child("volumeHandle"))];
  const refs = secretRefs.flatMap((name) => {
    const ref = csi[name];
    if (!ref) return [];
    return (["name", "namespace"] as const)
      .filter((part) => !ref[part])
      .map((part) => field.required(at.child(name, part)));
  });
  return [...errors, ...refs];
}

export function validateVolumeUpdate(volume: PersistentVolume, old: PersistentVolume): FieldError[] {
  const errors = validateVolume(volume);
  const [spec = {}, before = {}] = [volume.spec, old.spec];
  if (!deepEqual(Object.fromEntries(sourcesOf(spec)), Object.fromEntries(sourcesOf(before)))) {
    const path = specPath.child("persistentvolumesource");
    errors.push(field.forbidden(path, "spec.persistentvolumesource is immutable after creation"));
  }
  errors.push(...validateImmutable(spec.volumeMode, before.volumeMode, specPath.child("volumeMode")));
  if (before.nodeAffinity) {
    errors.push(...validateImmutable(spec.nodeAffinity, before.nodeAffinity, specPath.child("nodeAffinity")));
  }
  return errors;
}
