import type {
  LimitRangeItem,
  NodeStatus,
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  Secret,
} from "../generated/core/v1.ts";
import type { CSIDriver, StorageClass } from "../generated/storage.k8s.io/v1.ts";
import type { DefaultsByType } from "./defaults-by-type.ts";
import { fillIn } from "./quantities.ts";

export const storageDefaults: DefaultsByType = {
  "core/v1.PersistentVolume": (volume: PersistentVolume) => {
    volume.status ??= {};
    volume.status.phase ||= "Pending";
    volume.spec.persistentVolumeReclaimPolicy ||= "Retain";
    volume.spec.volumeMode ??= "Filesystem";
  },
  "core/v1.PersistentVolumeClaim": (claim: PersistentVolumeClaim) => {
    claim.status ??= {};
    claim.status.phase ||= "Pending";
  },
  "core/v1.PersistentVolumeClaimSpec": (spec: PersistentVolumeClaimSpec) => {
    spec.volumeMode ??= "Filesystem";
  },
  "core/v1.Secret": (secret: Secret) => {
    secret.type ||= "Opaque";
  },
  "core/v1.NodeStatus": (status: NodeStatus) => {
    if (status.capacity) status.allocatable ??= { ...status.capacity };
  },
  "core/v1.LimitRangeItem": defaultLimitRangeItem,
  "storage.k8s.io/v1.StorageClass": (storageClass: StorageClass) => {
    storageClass.reclaimPolicy ??= "Delete";
    storageClass.volumeBindingMode ??= "Immediate";
  },
  "storage.k8s.io/v1.CSIDriver": defaultCsiDriver,
};

/** Of a container's limits: what is not said follows from what is, the most telling first. */
function defaultLimitRangeItem(item: LimitRangeItem): void {
  if (item.type !== "Container") return;
  const limits = { ...item.default };
  fillIn(limits, item.max);
  const requests = { ...item.defaultRequest };
  fillIn(requests, limits);
  fillIn(requests, item.min);
  if (Object.keys(limits).length > 0) item.default = limits;
  if (Object.keys(requests).length > 0) item.defaultRequest = requests;
}

function defaultCsiDriver({ spec }: CSIDriver): void {
  spec.attachRequired ??= true;
  spec.podInfoOnMount ??= false;
  spec.storageCapacity ??= false;
  spec.fsGroupPolicy ??= "ReadWriteOnceWithFSType";
  if ((spec.volumeLifecycleModes?.length ?? 0) === 0) spec.volumeLifecycleModes = ["Persistent"];
  spec.requiresRepublish ??= false;
  spec.seLinuxMount ??= false;
}
