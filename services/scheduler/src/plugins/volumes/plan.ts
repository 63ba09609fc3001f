import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from "@tskube/api";
import { labelsOf, type NodeInfo } from "../../framework/node-info.ts";
import { units } from "../../framework/resources.ts";
import type { PodClaims } from "./claims-of-pod.ts";
import { claimKey, isReachable, matchVolume } from "./match-volume.ts";
import type { Promises } from "./promises.ts";
import { classNameOf, type StorageView, selectedNodeAnnotation } from "./storage-view.ts";

/** What would have to be done for a pod's claims on one node. */
export interface NodePlan {
  readonly bindings: readonly { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }[];
  readonly provisions: readonly PersistentVolumeClaim[];
}

export const volumeMissing = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";
export const outOfReach = "node(s) didn't match PersistentVolume's node affinity";
export const noVolume = "node(s) didn't find available persistent volumes to bind";

const noProvisioner = "kubernetes.io/no-provisioner";
const nothingToDo: NodePlan = { bindings: [], provisions: [] };

/** Why a node cannot serve claims that are bound already, if so. */
export function whyUnreachable(bound: PodClaims["bound"], node: NodeInfo, view: StorageView): string | undefined {
  for (const claim of bound) {
    const volume = view.volume(claim.spec.volumeName ?? "");
    if (!volume) return volumeMissing;
    if (!isReachable(volume, node)) return outOfReach;
  }
  return undefined;
}

/** Finds each claim a volume, or a provisioner that can make one for the node; absent when that cannot be done. */
export function planFor(
  delayed: PodClaims["delayed"],
  node: NodeInfo,
  view: StorageView,
  promises: Promises,
): NodePlan | undefined {
  if (delayed.length === 0) return nothingToDo;
  const bindings: { claim: PersistentVolumeClaim; volume: PersistentVolume }[] = [];
  const provisions: PersistentVolumeClaim[] = [];
  const chosen = new Set<string>();
  // Small claims first, so that they do not use up the volumes that larger ones need.
  for (const claim of [...delayed].sort((a, b) => requestOf(a) - requestOf(b))) {
    const selected = claim.metadata.annotations?.[selectedNodeAnnotation];
    if (selected !== undefined) {
      if (selected !== node.name) return undefined;
      provisions.push(claim); // a provisioner is at it already
      continue;
    }
    const isTaken = ({ metadata: { name } }: PersistentVolume) =>
      chosen.has(name) || promises.isTaken(name, claimKey(claim));
    const volume = matchVolume(claim, view.volumes(), node, isTaken);
    if (volume) {
      chosen.add(volume.metadata.name);
      bindings.push({ claim, volume });
    } else if (canProvision(view.storageClass(classNameOf(claim)), node)) provisions.push(claim);
    else return undefined;
  }
  return { bindings, provisions };
}

function requestOf({ spec }: PersistentVolumeClaim): number {
  return units(spec.resources?.requests?.storage ?? "0");
}

function canProvision(storageClass: StorageClass | undefined, node: NodeInfo): boolean {
  if (!storageClass || storageClass.provisioner === "" || storageClass.provisioner === noProvisioner) return false;
  const terms = storageClass.allowedTopologies;
  if (!terms?.length) return true;
  const labels = labelsOf(node);
  return terms.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => values.includes(labels[key] ?? "")),
  );
}
