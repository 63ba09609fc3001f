import { type Cloneable, stateKey } from "../../framework/cycle-state.ts";
import { action } from "../../framework/events.ts";
import type { PluginDefinition } from "../../framework/handle.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import { skip, unschedulable } from "../../framework/status.ts";
import { disksConflict } from "./disks.ts";
import { createStorageView } from "./storage-view.ts";

/** Claims that one pod at a time may use, and how many use them now. */
class SinglePodClaims implements Cloneable<SinglePodClaims> {
  readonly #claims: ReadonlySet<string>;
  uses: number;

  constructor(claims: ReadonlySet<string>, uses: number) {
    this.#claims = claims;
    this.uses = uses;
  }

  count(other: PodInfo, by: 1 | -1): void {
    for (const key of other.claimKeys) if (this.#claims.has(key)) this.uses += by;
  }

  clone(): SinglePodClaims {
    return new SinglePodClaims(this.#claims, this.uses);
  }
}

const claimsKey = stateKey<SinglePodClaims>("VolumeRestrictions");
const inUse = unschedulable(
  "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode",
);
const diskTaken = unschedulable("node(s) had no available disk");

/** Keeps pods apart that may not share a claim (ReadWriteOncePod, anywhere) or a disk (on one node). */
export const volumeRestrictions: PluginDefinition = {
  name: "VolumeRestrictions",
  create(_args, { informers }) {
    const view = createStorageView(informers);
    return {
      name: "VolumeRestrictions",
      preFilter(state, { claimKeys, pod }, snapshot) {
        if (!pod.spec?.volumes?.length) return skip;
        const single = new Set(
          claimKeys.filter((key) => view.claim(key)?.spec.accessModes?.includes("ReadWriteOncePod")),
        );
        const uses = [...single].filter((key) => snapshot.usesClaim(key)).length;
        state.write(claimsKey, new SinglePodClaims(single, uses));
        return undefined;
      },
      addPod: (state, _pod, added) => state.read(claimsKey)?.count(added, 1),
      removePod: (state, _pod, removed) => state.read(claimsKey)?.count(removed, -1),
      filter(state, { pod }, node) {
        if ((state.read(claimsKey)?.uses ?? 0) > 0) return inUse;
        return disksConflict(pod, node) ? diskTaken : undefined;
      },
      eventsToRegister: () => [
        {
          resource: "AssignedPod",
          actions: action.delete,
          hint: ({ pod }, old) => (old?.metadata.namespace === pod.metadata.namespace ? "Queue" : "Skip"),
        },
        { resource: "Node", actions: action.add },
        { resource: "PersistentVolumeClaim", actions: action.add | action.update },
      ],
    };
  },
};
