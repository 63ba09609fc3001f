import type { OwnerReference, PersistentVolumeClaim, Pod, StatefulSet } from "@tskube/api";
import { deepEqual, isAlreadyExists, isNotFound } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import type { Client, EventRecorder, Lister } from "@tskube/client";
import { controllerReference } from "../../objects/meta.ts";
import { claimNameOf, claimsOf, claimTemplates, podNameOf } from "./identity.ts";

export interface ClaimDeps {
  readonly client: Client;
  readonly events: EventRecorder;
  readonly claims: Lister<PersistentVolumeClaim>;
}

/** Makes the claims that the pod with this number stands on; those that are there stay as they are. */
export async function ensureClaims(set: StatefulSet, ordinal: number, deps: ClaimDeps): Promise<void> {
  const namespace = set.metadata.namespace ?? "";
  const podName = podNameOf(set, ordinal);
  for (const draft of claimsOf(set, ordinal)) {
    const { name = "" } = draft.metadata;
    const existing = deps.claims.in(namespace).get(name);
    if (existing) {
      if (existing.metadata.deletionTimestamp) throw new Error(`pvc ${name} is being deleted`);
      continue;
    }
    const about = `Claim ${name} Pod ${podName} in StatefulSet ${set.metadata.name}`;
    try {
      await deps.client.persistentvolumeclaims(namespace).create(withOwners(draft, wantedOwners(set)));
      deps.events.normal(set, "SuccessfulCreate", `create ${about} success`);
    } catch (error) {
      if (isAlreadyExists(error)) continue;
      deps.events.warn(set, "FailedCreate", `create ${about} failed error: ${errorMessage(error)}`);
      throw error;
    }
  }
}

function withOwners<T extends { metadata: object }>(draft: T, ownerReferences: readonly OwnerReference[]): T {
  return ownerReferences.length > 0 ? { ...draft, metadata: { ...draft.metadata, ownerReferences } } : draft;
}

/** Owners make the garbage collector delete a claim: the set's when claims go with the set, the pod's when they go with a scaled-down pod. */
function wantedOwners(set: StatefulSet, condemned?: Pod): OwnerReference[] {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  if (condemned && whenScaled === "Delete") {
    const { name, uid = "" } = condemned.metadata;
    return [{ apiVersion: "v1", kind: "Pod", name, uid }];
  }
  return whenDeleted === "Delete" ? [controllerReference(set)] : [];
}

/** Brings the owners of a pod's claims in step with the retention policy. `condemned` is the pod that is to be scaled away. */
export async function syncClaimOwners(
  set: StatefulSet,
  ordinal: number,
  condemned: Pod | undefined,
  deps: ClaimDeps,
): Promise<void> {
  const namespace = set.metadata.namespace ?? "";
  const podName = podNameOf(set, ordinal);
  for (const template of claimTemplates(set)) {
    const claim = deps.claims.in(namespace).get(claimNameOf(set, ordinal, template));
    if (!claim) continue;
    const before = claim.metadata.ownerReferences ?? [];
    const others = before.filter(
      ({ kind, name }) =>
        !(kind === "StatefulSet" && name === set.metadata.name) && !(kind === "Pod" && name === podName),
    );
    const ownerReferences = [...others, ...wantedOwners(set, condemned)];
    if (deepEqual(before, ownerReferences)) continue;
    try {
      await deps.client
        .persistentvolumeclaims(namespace)
        .update({ ...claim, metadata: { ...claim.metadata, ownerReferences } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
