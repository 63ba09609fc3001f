import { defineGroup, type ResourceDefinition, status } from "../define.ts";

export const node = defineGroup("node.k8s.io", 16300, {
  v1: { resources: [{ resource: "runtimeclasses", kind: "RuntimeClass", scope: "Cluster" }] },
});

const leaseCandidate: ResourceDefinition = {
  resource: "leasecandidates",
  kind: "LeaseCandidate",
  scope: "Namespaced",
  storage: { group: "coordination.k8s.io", version: "v1beta1" },
};

export const coordination = defineGroup("coordination.k8s.io", 16500, {
  v1: { resources: [{ resource: "leases", kind: "Lease", scope: "Namespaced" }] },
  v1beta1: { priority: 13, resources: [leaseCandidate] },
  v1alpha2: { priority: 12, resources: [leaseCandidate] },
});

const volumeAttributesClass: ResourceDefinition = {
  resource: "volumeattributesclasses",
  kind: "VolumeAttributesClass",
  scope: "Cluster",
  shortNames: ["vac"],
  storage: { group: "storage.k8s.io", version: "v1" },
};

export const storage = defineGroup("storage.k8s.io", 16800, {
  v1: {
    resources: [
      { resource: "csidrivers", kind: "CSIDriver", scope: "Cluster" },
      { resource: "csinodes", kind: "CSINode", scope: "Cluster" },
      { resource: "csistoragecapacities", kind: "CSIStorageCapacity", scope: "Namespaced" },
      { resource: "storageclasses", kind: "StorageClass", scope: "Cluster", shortNames: ["sc"] },
      { resource: "volumeattachments", kind: "VolumeAttachment", scope: "Cluster", subresources: [status] },
      volumeAttributesClass,
    ],
  },
  v1beta1: { priority: 9, resources: [volumeAttributesClass] },
});

const devices: readonly ResourceDefinition[] = [
  { resource: "deviceclasses", kind: "DeviceClass", scope: "Cluster" },
  { resource: "resourceclaims", kind: "ResourceClaim", scope: "Namespaced", subresources: [status] },
  { resource: "resourceclaimtemplates", kind: "ResourceClaimTemplate", scope: "Namespaced" },
  { resource: "resourceslices", kind: "ResourceSlice", scope: "Cluster" },
].map((definition) => ({ ...definition, storage: { group: "resource.k8s.io", version: "v1" } }) as ResourceDefinition);

const deviceTaintRule: ResourceDefinition = {
  resource: "devicetaintrules",
  kind: "DeviceTaintRule",
  scope: "Cluster",
  subresources: [status],
};

export const resource = defineGroup("resource.k8s.io", 16200, {
  v1: { priority: 20, resources: [...devices.slice(0, 1), deviceTaintRule, ...devices.slice(1)] },
  v1beta2: { resources: devices },
  v1beta1: { priority: 9, resources: devices },
});
