import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
} from "@tskube/api";
import { formatTime } from "@tskube/apimachinery";
import type { Strategy } from "../../registry/strategy.ts";
import { type StrategyList, strategyFor } from "../strategy-list.ts";
import {
  attachmentColumns,
  attributesClassColumns,
  capacityColumns,
  claimColumns,
  driverColumns,
  nodeDriverColumns,
  storageClassColumns,
  volumeColumns,
} from "./columns.ts";
import { validateClaim, validateClaimUpdate } from "./validate-claim.ts";
import {
  validateAttachment,
  validateAttachmentUpdate,
  validateAttributesClass,
  validateAttributesClassUpdate,
  validateDriver,
  validateDriverUpdate,
  validateNodeDrivers,
  validateNodeDriversUpdate,
  validateStorageCapacity,
  validateStorageCapacityUpdate,
} from "./validate-drivers.ts";
import { validateStorageClass, validateStorageClassUpdate } from "./validate-storage-class.ts";
import { validateVolume, validateVolumeUpdate } from "./validate-volume.ts";
import { claimWarnings, volumeWarnings } from "./warnings.ts";

const fixed: StrategyList = {
  persistentvolumeclaims: strategyFor<PersistentVolumeClaim>({
    returnsDeletedObject: true,
    columns: claimColumns,
    warnings: claimWarnings,
    validate: validateClaim,
    validateUpdate: validateClaimUpdate,
    prepareForCreate: (claim) => {
      claim.status = { phase: "Pending" };
    },
  }),
  "csidrivers.storage.k8s.io": strategyFor<CSIDriver>({
    hasGeneration: true,
    columns: driverColumns,
    validate: validateDriver,
    validateUpdate: validateDriverUpdate,
  }),
  "csinodes.storage.k8s.io": strategyFor<CSINode>({
    columns: nodeDriverColumns,
    validate: validateNodeDrivers,
    validateUpdate: validateNodeDriversUpdate,
  }),
  "csistoragecapacities.storage.k8s.io": strategyFor<CSIStorageCapacity>({
    columns: capacityColumns,
    validate: validateStorageCapacity,
    validateUpdate: validateStorageCapacityUpdate,
  }),
  "storageclasses.storage.k8s.io": strategyFor<StorageClass>({
    columns: storageClassColumns,
    validate: validateStorageClass,
    validateUpdate: validateStorageClassUpdate,
  }),
  "volumeattachments.storage.k8s.io": strategyFor<VolumeAttachment>({
    columns: attachmentColumns,
    validate: validateAttachment,
    validateUpdate: validateAttachmentUpdate,
  }),
  "volumeattributesclasses.storage.k8s.io": strategyFor<VolumeAttributesClass>({
    columns: attributesClassColumns,
    validate: validateAttributesClass,
    validateUpdate: validateAttributesClassUpdate,
  }),
};

export function storageStrategies(clock: { now(): number }): StrategyList {
  return { ...fixed, persistentvolumes: strategyFor(volumeStrategy(clock)) };
}

/** A volume says since when it has been in its phase. */
function volumeStrategy(clock: { now(): number }): Strategy<PersistentVolume> {
  return {
    returnsDeletedObject: true,
    columns: volumeColumns,
    warnings: volumeWarnings,
    validate: validateVolume,
    validateUpdate: validateVolumeUpdate,
    prepareForCreate(volume) {
      volume.status = { phase: "Pending", lastPhaseTransitionTime: formatTime(clock.now()) };
    },
    status: {
      prepareForUpdate(volume, old) {
        const { status = {} } = volume;
        volume.status = status;
        status.lastPhaseTransitionTime ??= old.status?.lastPhaseTransitionTime;
        const isNew = status.phase !== old.status?.phase;
        const isTold = status.lastPhaseTransitionTime !== old.status?.lastPhaseTransitionTime;
        if (isNew && !isTold) status.lastPhaseTransitionTime = formatTime(clock.now());
      },
    },
  };
}
