import { type Informers, kinds } from "@tskube/client";
import { action } from "../../framework/events.ts";
import type { PluginDefinition } from "../../framework/handle.ts";
import { skip, unschedulable } from "../../framework/status.ts";
import { classNameOf, createStorageView, type StorageView } from "./storage-view.ts";

interface AttachedVolume {
  readonly driver: string;
  readonly id: string;
}

const tooMany = unschedulable("node(s) exceed max volume count");

/** Keeps the number of volumes of each CSI driver on a node within what the driver can attach there. */
export const nodeVolumeLimits: PluginDefinition = {
  name: "NodeVolumeLimits",
  create(_args, { informers }) {
    const view = createStorageView(informers);
    const { csinodes } = informers.listers;
    const attachments = attachmentsByNode(informers);
    return {
      name: "NodeVolumeLimits",
      preFilter: (_state, { claimKeys }) => (claimKeys.length === 0 ? skip : undefined),
      filter(_state, { claimKeys }, node) {
        const limits = new Map<string, number>();
        for (const { name, allocatable } of csinodes.get(node.name)?.spec.drivers ?? [])
          if (allocatable?.count !== undefined) limits.set(name, allocatable.count);
        if (limits.size === 0) return undefined;
        const present = new Set<string>();
        const counts = new Map<string, number>();
        const attach = (volume: AttachedVolume | undefined) => {
          if (!volume || present.has(volume.id)) return false;
          present.add(volume.id);
          counts.set(volume.driver, (counts.get(volume.driver) ?? 0) + 1);
          return true;
        };
        for (const key of node.claimUses.keys()) attach(volumeOf(key, view));
        for (const volume of attachments(node.name)) attach(volumeOfName(volume, view));
        for (const key of claimKeys) {
          const volume = volumeOf(key, view);
          if (!volume || !attach(volume)) continue;
          const limit = limits.get(volume.driver);
          if (limit !== undefined && (counts.get(volume.driver) ?? 0) > limit) return tooMany;
        }
        return undefined;
      },
      eventsToRegister: () => [
        { resource: "CSINode", actions: action.add | action.update },
        { resource: "AssignedPod", actions: action.delete },
        { resource: "PersistentVolumeClaim", actions: action.add | action.update },
        { resource: "VolumeAttachment", actions: action.delete },
      ],
    };
  },
};

/** The CSI volume behind a claim; one still to be provisioned counts for its class's driver. */
function volumeOf(key: string, view: StorageView): AttachedVolume | undefined {
  const claim = view.claim(key);
  if (!claim) return undefined;
  const { volumeName } = claim.spec;
  if (volumeName && view.volume(volumeName)) return volumeOfName(volumeName, view);
  const driver = view.storageClass(classNameOf(claim))?.provisioner;
  return driver ? { driver, id: `${driver}/${key}` } : undefined;
}

function volumeOfName(name: string, view: StorageView): AttachedVolume | undefined {
  const csi = view.volume(name)?.spec?.csi;
  return csi && { driver: csi.driver, id: `${csi.driver}/${csi.volumeHandle}` };
}

/** Names of volumes that are attached to a node, whether or not a pod there uses them. */
function attachmentsByNode(informers: Informers): (nodeName: string) => Iterable<string> {
  const byNode = new Map<string, Map<string, string>>();
  informers.for(kinds.VolumeAttachment).on({
    add({ metadata, spec }) {
      const volume = spec.source.persistentVolumeName;
      if (!volume) return;
      const onNode = byNode.get(spec.nodeName) ?? new Map<string, string>();
      byNode.set(spec.nodeName, onNode.set(metadata.name, volume));
    },
    delete({ metadata, spec }) {
      const onNode = byNode.get(spec.nodeName);
      onNode?.delete(metadata.name);
      if (onNode?.size === 0) byNode.delete(spec.nodeName);
    },
  });
  return (nodeName) => byNode.get(nodeName)?.values() ?? [];
}
