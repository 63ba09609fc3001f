import type { PersistentVolumeClaim, Pod } from "@tskube/api";
import { ephemeralClaimName } from "../../framework/pod-info.ts";
import { type Status, unresolvable } from "../../framework/status.ts";
import { isBound, isClaimOf, isDelayed, type StorageView } from "./storage-view.ts";

/** A pod's claims by what has to be done about them. */
export interface PodClaims {
  readonly bound: readonly PersistentVolumeClaim[];
  /** Bound only once the pod has a node. */
  readonly delayed: readonly PersistentVolumeClaim[];
}

/** Reads a pod's claims, or says why the pod must wait whatever the node. */
export function claimsOf(pod: Pod, view: StorageView): PodClaims | Status {
  const bound: PersistentVolumeClaim[] = [];
  const delayed: PersistentVolumeClaim[] = [];
  for (const volume of pod.spec?.volumes ?? []) {
    const isEphemeral = volume.ephemeral !== undefined;
    const name = isEphemeral ? ephemeralClaimName(pod, volume.name) : volume.persistentVolumeClaim?.claimName;
    if (!name) continue;
    const claim = view.claim(`${pod.metadata.namespace ?? ""}/${name}`);
    const reason = claim ? whyUnusable(claim, pod, isEphemeral) : whyMissing(name, isEphemeral);
    if (reason || !claim) return unresolvable(reason ?? "");
    if (isBound(claim)) bound.push(claim);
    else if (!claim.spec.volumeName && isDelayed(claim, view)) delayed.push(claim);
    else return unresolvable("pod has unbound immediate PersistentVolumeClaims");
  }
  return { bound, delayed };
}

function whyMissing(name: string, isEphemeral: boolean): string {
  return isEphemeral
    ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
    : `persistentvolumeclaim "${name}" not found`;
}

function whyUnusable(claim: PersistentVolumeClaim, pod: Pod, isEphemeral: boolean): string | undefined {
  const { name, namespace, deletionTimestamp } = claim.metadata;
  if (claim.status?.phase === "Lost")
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ""}"`;
  if (deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`;
  if (isEphemeral && !isClaimOf(pod, claim))
    return `PVC ${namespace}/${name} was not created for pod ${pod.metadata.namespace}/${pod.metadata.name} (pod is not owner)`;
  return undefined;
}
