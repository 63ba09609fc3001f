import type { DeviceClass, DeviceTaintRule, ResourceClaim, ResourceClaimTemplate, ResourceSlice } from "@tskube/api";
import { defaultColumns } from "../default-columns.ts";
import { type StrategyList, strategyFor } from "../strategy-list.ts";
import { resourceClaimColumns, resourceSliceColumns } from "./columns.ts";
import {
  validateDeviceClass,
  validateResourceClaim,
  validateResourceClaimTemplate,
  validateResourceClaimTemplateUpdate,
  validateResourceClaimUpdate,
} from "./validate-requests.ts";
import { validateResourceSlice, validateResourceSliceUpdate, validateTaintRule } from "./validate-slice.ts";

/** Devices: what there is, what kinds there are, who asks for which. */
export const deviceStrategies: StrategyList = {
  "deviceclasses.resource.k8s.io": strategyFor<DeviceClass>({
    columns: defaultColumns,
    hasGeneration: true,
    validate: validateDeviceClass,
    validateUpdate: validateDeviceClass,
  }),
  "devicetaintrules.resource.k8s.io": strategyFor<DeviceTaintRule>({
    columns: defaultColumns,
    hasGeneration: true,
    validate: validateTaintRule,
    validateUpdate: validateTaintRule,
  }),
  "resourceclaims.resource.k8s.io": strategyFor<ResourceClaim>({
    columns: resourceClaimColumns,
    validate: validateResourceClaim,
    validateUpdate: validateResourceClaimUpdate,
  }),
  "resourceclaimtemplates.resource.k8s.io": strategyFor<ResourceClaimTemplate>({
    columns: defaultColumns,
    validate: validateResourceClaimTemplate,
    validateUpdate: validateResourceClaimTemplateUpdate,
  }),
  "resourceslices.resource.k8s.io": strategyFor<ResourceSlice>({
    hasGeneration: true,
    columns: resourceSliceColumns,
    selectableFields: { "spec.nodeName": ({ spec }) => spec.nodeName ?? "", "spec.driver": ({ spec }) => spec.driver },
    validate: validateResourceSlice,
    validateUpdate: validateResourceSliceUpdate,
  }),
};
