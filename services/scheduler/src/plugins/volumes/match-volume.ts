import type { PersistentVolume, PersistentVolumeClaim } from "@tskube/api";
import { selectorOrNothing } from "../../framework/affinity-terms.ts";
import type { NodeInfo } from "../../framework/node-info.ts";
import { compileNodeSelector, type NodeTerm } from "../../framework/node-selector.ts";
import { units } from "../../framework/resources.ts";
import { classNameOf } from "./storage-view.ts";

const compiled = new WeakMap<PersistentVolume, readonly NodeTerm[]>();

/** Whether the volume can be reached from the node. */
export function isReachable(volume: PersistentVolume, node: NodeInfo): boolean {
  const required = volume.spec?.nodeAffinity?.required;
  if (!required) return true;
  let terms = compiled.get(volume);
  if (!terms) {
    terms = compileNodeSelector(required);
    compiled.set(volume, terms);
  }
  return terms.some((term) => term.matches(node));
}

export function capacityOf(volume: PersistentVolume): number {
  return units(volume.spec?.capacity?.storage ?? "0");
}

export function claimKey({ metadata }: PersistentVolumeClaim): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

/**
 * The smallest volume that the claim could be bound to on the node; one that already names the claim goes first.
 * `isTaken` tells of volumes that others have been promised.
 */
export function matchVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  node: NodeInfo,
  isTaken: (volume: PersistentVolume) => boolean,
): PersistentVolume | undefined {
  const wanted = units(claim.spec.resources?.requests?.storage ?? "0");
  const selector = claim.spec.selector && selectorOrNothing(claim.spec.selector);
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (isTaken(volume) || !fitsKind(claim, volume) || capacityOf(volume) < wanted) continue;
    if (!isReachable(volume, node)) continue;
    const reference = volume.spec?.claimRef;
    if (reference) {
      const isOurs = `${reference.namespace}/${reference.name}` === claimKey(claim);
      if (isOurs && (!reference.uid || reference.uid === claim.metadata.uid)) return volume;
      continue;
    }
    if (volume.status?.phase !== "Available" || classNameOf(volume) !== classNameOf(claim)) continue;
    if (selector && !selector.matches(volume.metadata.labels)) continue;
    if (!best || capacityOf(volume) < capacityOf(best)) best = volume;
  }
  return best;
}

function fitsKind(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  if (volume.metadata.deletionTimestamp) return false;
  if ((claim.spec.volumeMode ?? "Filesystem") !== (volume.spec?.volumeMode ?? "Filesystem")) return false;
  if ((claim.spec.volumeAttributesClassName ?? "") !== (volume.spec?.volumeAttributesClassName ?? "")) return false;
  const offered = new Set(volume.spec?.accessModes);
  return (claim.spec.accessModes ?? []).every((mode) => offered.has(mode));
}
