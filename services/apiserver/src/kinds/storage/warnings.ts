import type { PersistentVolume, PersistentVolumeClaim } from "@tskube/api";
import { parseQuantity } from "@tskube/apimachinery";

const classAnnotation = "volume.beta.kubernetes.io/storage-class";
const mountAnnotation = "volume.beta.kubernetes.io/mount-options";
const nanosOfOne = 1_000_000_000n;

/** What is allowed in a claim and probably not meant. */
export function claimWarnings({ metadata, spec }: PersistentVolumeClaim): string[] {
  return [
    ...annotationWarning(metadata.annotations, classAnnotation, "v1.8", "storageClassName"),
    ...byteWarning(spec?.resources?.requests?.["storage"], "spec.resources.requests[storage]"),
  ];
}

export function volumeWarnings({ metadata, spec }: PersistentVolume): string[] {
  const warnings = [
    ...annotationWarning(metadata.annotations, classAnnotation, "v1.8", "storageClassName"),
    ...annotationWarning(metadata.annotations, mountAnnotation, "v1.31", "mountOptions"),
    ...byteWarning(spec?.capacity?.["storage"], "spec.capacity[storage]"),
  ];
  if (spec?.persistentVolumeReclaimPolicy !== "Recycle") return warnings;
  return [...warnings, recycled];
}

const recycled =
  "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.";

function annotationWarning(
  annotations: Readonly<Record<string, string>> | undefined,
  name: string,
  since: string,
  instead: string,
): string[] {
  if (annotations?.[name] === undefined) return [];
  return [`metadata.annotations[${name}]: deprecated since ${since}; use "${instead}" attribute instead`];
}

function byteWarning(amount: string | undefined, at: string): string[] {
  if (amount === undefined || parseQuantity(amount).nanos % nanosOfOne === 0n) return [];
  return [`${at}: fractional byte value "${amount}" is invalid, must be an integer`];
}
