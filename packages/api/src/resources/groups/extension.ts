import { defineGroup, type ResourceDefinition, status } from "../define.ts";

const categories = ["api-extensions"];

export const apiregistration = defineGroup("apiregistration.k8s.io", 20000, {
  v1: {
    priority: 18,
    resources: [{ resource: "apiservices", kind: "APIService", scope: "Cluster", categories, subresources: [status] }],
  },
});

export const apiextensions = defineGroup("apiextensions.k8s.io", 16700, {
  v1: {
    resources: [
      {
        resource: "customresourcedefinitions",
        kind: "CustomResourceDefinition",
        scope: "Cluster",
        shortNames: ["crd", "crds"],
        categories,
        subresources: [status],
      },
    ],
  },
});

const mutatingPolicies: readonly ResourceDefinition[] = [
  {
    resource: "mutatingadmissionpolicies",
    kind: "MutatingAdmissionPolicy",
    scope: "Cluster",
    categories,
    storage: { group: "admissionregistration.k8s.io", version: "v1beta1" },
  },
  {
    resource: "mutatingadmissionpolicybindings",
    kind: "MutatingAdmissionPolicyBinding",
    scope: "Cluster",
    categories,
    storage: { group: "admissionregistration.k8s.io", version: "v1beta1" },
  },
];

export const admissionregistration = defineGroup("admissionregistration.k8s.io", 16700, {
  v1: {
    resources: [
      { resource: "mutatingwebhookconfigurations", kind: "MutatingWebhookConfiguration", scope: "Cluster", categories },
      {
        resource: "validatingadmissionpolicies",
        kind: "ValidatingAdmissionPolicy",
        scope: "Cluster",
        categories,
        subresources: [status],
      },
      {
        resource: "validatingadmissionpolicybindings",
        kind: "ValidatingAdmissionPolicyBinding",
        scope: "Cluster",
        categories,
      },
      {
        resource: "validatingwebhookconfigurations",
        kind: "ValidatingWebhookConfiguration",
        scope: "Cluster",
        categories,
      },
    ],
  },
  v1beta1: { priority: 12, resources: mutatingPolicies },
  v1alpha1: { priority: 9, resources: mutatingPolicies },
});

export const flowcontrol = defineGroup("flowcontrol.apiserver.k8s.io", 16100, {
  v1: {
    priority: 21,
    resources: [
      { resource: "flowschemas", kind: "FlowSchema", scope: "Cluster", subresources: [status] },
      {
        resource: "prioritylevelconfigurations",
        kind: "PriorityLevelConfiguration",
        scope: "Cluster",
        subresources: [status],
      },
    ],
  },
});

const storageVersionMigration: ResourceDefinition = {
  resource: "storageversionmigrations",
  kind: "StorageVersionMigration",
  scope: "Cluster",
  subresources: [status],
  storage: { group: "storagemigration.k8s.io", version: "v1" },
};

export const storagemigration = defineGroup("storagemigration.k8s.io", 15800, {
  v1: { resources: [storageVersionMigration] },
  v1beta1: { priority: 9, resources: [storageVersionMigration] },
});
