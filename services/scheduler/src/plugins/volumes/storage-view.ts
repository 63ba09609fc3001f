import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from "@tskube/api";
import type { Informers } from "@tskube/client";

/** Storage objects as scheduling asks for them. */
export interface StorageView {
  claim(key: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  volumes(): readonly PersistentVolume[];
  storageClass(name: string): StorageClass | undefined;
}

export function createStorageView({ listers }: Informers): StorageView {
  const { persistentvolumeclaims: claims, persistentvolumes: volumes, storageclasses: classes } = listers;
  return {
    claim: (key) => claims.get(key),
    volume: (name) => volumes.get(name),
    volumes: () => volumes.list(),
    storageClass: (name) => classes.get(name),
  };
}

const bindCompleted = "pv.kubernetes.io/bind-completed";
const legacyClass = "volume.beta.kubernetes.io/storage-class";
export const selectedNodeAnnotation = "volume.kubernetes.io/selected-node";

/** Whether the volume controller has finished binding the claim. */
export function isBound({ metadata, spec }: PersistentVolumeClaim): boolean {
  return Boolean(spec.volumeName) && metadata.annotations?.[bindCompleted] !== undefined;
}

export function classNameOf({ metadata, spec }: PersistentVolumeClaim | PersistentVolume): string {
  return metadata.annotations?.[legacyClass] ?? spec?.storageClassName ?? "";
}

/** Whether the claim waits for a pod that uses it to find a node. */
export function isDelayed(claim: PersistentVolumeClaim, view: StorageView): boolean {
  return view.storageClass(classNameOf(claim))?.volumeBindingMode === "WaitForFirstConsumer";
}

/** The volume that a pod's claim is made for: true when the claim is the pod's own or of no single pod. */
export function isClaimOf(pod: Pod, claim: PersistentVolumeClaim): boolean {
  return (claim.metadata.ownerReferences ?? []).some(({ uid, controller }) => controller && uid === pod.metadata.uid);
}
