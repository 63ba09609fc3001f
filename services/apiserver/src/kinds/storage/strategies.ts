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

export const storageStrategies: StrategyList = {
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
  persistentvolumes: strategyFor<PersistentVolume>({
    returnsDeletedObject: true,
    columns: volumeColumns,
    warnings: volumeWarnings,
    validate: validateVolume,
    validateUpdate: validateVolumeUpdate,
    prepareForCreate: (volume) => {
      volume.status = { phase: "Pending" };
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
