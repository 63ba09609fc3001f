import type { Pod, Volume } from "@tskube/api";
import type { NodeInfo } from "../../framework/node-info.ts";

/** A disk that a pod mounts without a claim. */
interface Disk {
  readonly id: string;
  /** Readers may share it, when all are readers. */
  readonly isShareable: boolean;
}

/** Whether a pod wants a disk that another pod on the node holds. */
export function disksConflict(pod: Pod, node: NodeInfo): boolean {
  const wanted = disksOf(pod);
  if (wanted.length === 0) return false;
  for (const other of node.pods.values()) {
    for (const held of disksOf(other.pod)) {
      if (wanted.some(({ id, isShareable }) => id === held.id && !(isShareable && held.isShareable))) return true;
    }
  }
  return false;
}

function disksOf({ spec }: Pod): Disk[] {
  return (spec?.volumes ?? []).flatMap(disksOfVolume);
}

function disksOfVolume({ gcePersistentDisk, awsElasticBlockStore, iscsi, rbd }: Volume): Disk[] {
  if (gcePersistentDisk)
    return [{ id: `gce/${gcePersistentDisk.pdName}`, isShareable: gcePersistentDisk.readOnly ?? false }];
  if (awsElasticBlockStore) return [{ id: `aws/${awsElasticBlockStore.volumeID}`, isShareable: false }];
  if (iscsi) return [{ id: `iscsi/${iscsi.iqn}/${iscsi.lun}`, isShareable: iscsi.readOnly ?? false }];
  if (!rbd) return [];
  // Two are the same image when they have any monitor in common.
  const image = `${rbd.pool || "rbd"}/${rbd.image}`;
  return rbd.monitors.map((monitor) => ({ id: `rbd/${monitor}/${image}`, isShareable: rbd.readOnly ?? false }));
}
