import type { KindUnderTest } from "./check-operations.ts";

const namespace = "default";
const podTemplate = {
  metadata: { labels: { app: "e2e" } },
  spec: { restartPolicy: "Never", containers: [{ name: "c", image: "busybox" }] },
};
const admission = "admissionregistration.k8s.io/v1";
const time = "2026-01-01T00:00:00Z";
/** A request for `CN=e2e`, PEM in base64. */
const certificateRequest =
  "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlISE1IQUNBUUF3RGpFTU1Bb0dBMVVFQXd3RFpUSmxNRmt3RXdZSEtvWkl6ajBDQVFZSUtvWkl6ajBEQVFjRApRZ0FFWEd4ajVtYnFQdUxQVmcvMVJaSVNHWmY0SkdEVXFKMDU1V0JzalVhYlBJUWtZVm1oS0p0clNoU242U3YrCi9ZQ0JUMVQyM2lXUWErVHVQYmppRGpNYXo2QUFNQW9HQ0NxR1NNNDlCQU1DQTBjQU1FUUNJQVhybSsvS1V1a2YKV3QveVkyZFV1YUlBb0FJMXZ4alZhRWd5akkwVlFMSEJBaUJ6TjlqNDM2SjRVb2YyKyt0Y09JUGlnSXlOOHI0RAo5aC9mMDVubEY4cGNadz09Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=";
const request = { exactly: { deviceClassName: "gpu" }, name: "req" };

/** What each of upstream's tests named "API operations" or "CRUD" takes through the verbs. */
export const kinds: Readonly<Record<string, KindUnderTest>> = {
  "[sig-api-machinery] API priority and fairness should support FlowSchema API operations [Conformance]": {
    apiVersion: "flowcontrol.apiserver.k8s.io/v1",
    kind: "FlowSchema",
    resource: "flowschemas",
    body: {
      spec: {
        matchingPrecedence: 10_000,
        priorityLevelConfiguration: { name: "global-default" },
        rules: [
          {
            subjects: [{ kind: "User", user: { name: "example-e2e-non-existent-user" } }],
            nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
          },
        ],
      },
    },
    status: { conditions: [{ type: "Dangling", status: "False", lastTransitionTime: "2026-01-01T00:00:00Z" }] },
  },
  "[sig-api-machinery] API priority and fairness should support PriorityLevelConfiguration API operations [Conformance]":
    {
      apiVersion: "flowcontrol.apiserver.k8s.io/v1",
      kind: "PriorityLevelConfiguration",
      resource: "prioritylevelconfigurations",
      body: { spec: { type: "Limited", limited: { nominalConcurrencyShares: 2, limitResponse: { type: "Reject" } } } },
      status: { conditions: [{ type: "Healthy", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" }] },
    },
  "[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support ValidatingAdmissionPolicyBinding API operations [Conformance]":
    {
      apiVersion: admission,
      kind: "ValidatingAdmissionPolicyBinding",
      resource: "validatingadmissionpolicybindings",
      body: { spec: { policyName: "none", validationActions: ["Deny"] } },
    },
  "[sig-apps] ControllerRevision should manage the lifecycle of a ControllerRevision [Conformance] [Serial]": {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    resource: "controllerrevisions",
    namespace,
    body: { data: { spec: {} }, revision: 1 },
  },
  "[sig-apps] CronJob should support CronJob API operations [Conformance]": {
    apiVersion: "batch/v1",
    kind: "CronJob",
    resource: "cronjobs",
    namespace,
    body: { spec: { schedule: "* */1 * * ?", jobTemplate: { spec: { template: podTemplate } } } },
    status: { lastScheduleTime: "2026-01-01T00:00:00Z" },
  },
  "[sig-network] EndpointSlice should support creating EndpointSlice API operations [Conformance]": {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    resource: "endpointslices",
    namespace,
    body: { addressType: "IPv4", endpoints: [{ addresses: ["10.0.0.1"] }] },
  },
  "[sig-network] Ingress API should support creating Ingress API operations [Conformance]": {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    resource: "ingresses",
    namespace,
    body: { spec: { defaultBackend: { service: { name: "default-backend", port: { number: 80 } } } } },
    status: { loadBalancer: { ingress: [{ ip: "169.1.1.1" }] } },
  },
  "[sig-network] IngressClass API should support creating IngressClass API operations [Conformance]": {
    apiVersion: "networking.k8s.io/v1",
    kind: "IngressClass",
    resource: "ingressclasses",
    body: { spec: { controller: "example.com/controller" } },
  },
  "[sig-node] RuntimeClass should support RuntimeClasses API operations [Conformance]": {
    apiVersion: "node.k8s.io/v1",
    kind: "RuntimeClass",
    resource: "runtimeclasses",
    body: { handler: "test-handler" },
  },
  "[sig-node] PodTemplates should run the lifecycle of PodTemplates [Conformance]": {
    apiVersion: "v1",
    kind: "PodTemplate",
    resource: "podtemplates",
    namespace,
    body: { template: podTemplate },
  },
  "[sig-node] ConfigMap should run through a ConfigMap lifecycle [Conformance]": {
    apiVersion: "v1",
    kind: "ConfigMap",
    resource: "configmaps",
    namespace,
    body: { data: { valueName: "value" } },
  },
  "[sig-network] Endpoints should test the lifecycle of an Endpoint [Conformance]": {
    apiVersion: "v1",
    kind: "Endpoints",
    resource: "endpoints",
    namespace,
    body: { subsets: [{ addresses: [{ ip: "10.0.0.24" }], ports: [{ name: "http", port: 80, protocol: "TCP" }] }] },
  },
  "[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 DeviceClass [Conformance]": {
    apiVersion: "resource.k8s.io/v1",
    kind: "DeviceClass",
    resource: "deviceclasses",
    body: { spec: { selectors: [{ cel: { expression: 'device.driver == "gpu.example.com"' } }] } },
  },
  "[sig-api-machinery] StorageVersionMigration CRUD Tests storagemigration.k8s.io/v1 StorageVersionMigration [Conformance]":
    {
      apiVersion: "storagemigration.k8s.io/v1",
      kind: "StorageVersionMigration",
      resource: "storageversionmigrations",
      body: { spec: { resource: { group: "", resource: "configmaps" } } },
      status: { resourceVersion: "1" },
    },
  "[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 DeviceTaintRule [Conformance]": {
    apiVersion: "resource.k8s.io/v1",
    kind: "DeviceTaintRule",
    resource: "devicetaintrules",
    body: {
      spec: {
        deviceSelector: { driver: "driver.example.com" },
        taint: { key: "example.com/broken", effect: "NoSchedule" },
      },
    },
    status: {
      conditions: [{ type: "Evicting", status: "False", reason: "None", message: "", lastTransitionTime: time }],
    },
  },
  "[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceClaim [Conformance]": {
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceClaim",
    resource: "resourceclaims",
    namespace,
    body: { spec: { devices: { requests: [request] } } },
  },
  "[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceClaimTemplate [Conformance]": {
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceClaimTemplate",
    resource: "resourceclaimtemplates",
    namespace,
    body: { spec: { spec: { devices: { requests: [request] } } } },
  },
  "[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceSlice [Conformance]": {
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceSlice",
    resource: "resourceslices",
    body: {
      spec: {
        driver: "gpu.example.com",
        nodeName: "worker",
        pool: { name: "worker", generation: 1, resourceSliceCount: 1 },
        devices: [{ name: "gpu-0" }],
      },
    },
  },
  "[sig-storage] CSIInlineVolumes should run through the lifecycle of a CSIDriver [Conformance]": {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSIDriver",
    resource: "csidrivers",
    body: { spec: { volumeLifecycleModes: ["Ephemeral"] } },
  },
  "[sig-storage] CSINodes CSI Conformance should run through the lifecycle of a csinode [Conformance]": {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSINode",
    resource: "csinodes",
    body: { spec: { drivers: [] } },
  },
  "[sig-storage] CSIStorageCapacity should support CSIStorageCapacities API operations [Conformance]": {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSIStorageCapacity",
    resource: "csistoragecapacities",
    namespace,
    body: { storageClassName: "hostpath", capacity: "10Gi" },
  },
  "[sig-storage] StorageClasses CSI Conformance should run through the lifecycle of a StorageClass [Conformance]": {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    resource: "storageclasses",
    body: { provisioner: "e2e.example.com" },
  },
  "[sig-storage] VolumeAttachment Conformance should run through the lifecycle of a VolumeAttachment [Conformance]": {
    apiVersion: "storage.k8s.io/v1",
    kind: "VolumeAttachment",
    resource: "volumeattachments",
    body: { spec: { attacher: "e2e.example.com", nodeName: "worker", source: { persistentVolumeName: "pv" } } },
    status: { attached: true },
  },
  "[sig-storage] VolumeAttributesClass [FeatureGate:VolumeAttributesClass] should run through the lifecycle of a VolumeAttributesClass [Conformance]":
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "VolumeAttributesClass",
      resource: "volumeattributesclasses",
      body: { driverName: "e2e.example.com", parameters: { iops: "100" } },
    },
  "[sig-auth] Certificates API [Privileged:ClusterAdmin] should support CSR API operations [Conformance]": {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    resource: "certificatesigningrequests",
    body: { spec: { request: certificateRequest, signerName: "example.com/e2e", usages: ["digital signature"] } },
    status: {
      conditions: [{ type: "Failed", status: "True", reason: "E2E", lastUpdateTime: time, lastTransitionTime: time }],
    },
  },
  "[sig-network] ServiceCIDR and IPAddress API should support ServiceCIDR API operations [Conformance]": {
    apiVersion: "networking.k8s.io/v1",
    kind: "ServiceCIDR",
    resource: "servicecidrs",
    body: { spec: { cidrs: ["10.144.0.0/24"] } },
    status: { conditions: [{ type: "Ready", status: "False", reason: "E2E", message: "", lastTransitionTime: time }] },
  },
  "[sig-network] ServiceCIDR and IPAddress API should support IPAddress API operations [Conformance]": {
    apiVersion: "networking.k8s.io/v1",
    kind: "IPAddress",
    resource: "ipaddresses",
    body: { spec: { parentRef: { group: "", resource: "services", namespace, name: "test" } } },
    nameOf: (index) => `192.168.0.${index + 1}`,
  },
  "[sig-instrumentation] Events API should ensure that an event can be fetched, patched, deleted, and listed [Conformance]":
    {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      resource: "events",
      namespace,
      body: {
        eventTime: "2026-01-01T00:00:00.000000Z",
        reportingController: "e2e",
        reportingInstance: "e2e-1",
        action: "Do",
        reason: "Test",
        type: "Normal",
        note: "a note",
        regarding: { kind: "Pod", namespace, name: "pod", apiVersion: "v1" },
      },
    },
  "[sig-instrumentation] Events should manage the lifecycle of an event [Conformance]": {
    apiVersion: "v1",
    kind: "Event",
    resource: "events",
    namespace,
    body: {
      message: "This is a test event",
      reason: "Test",
      type: "Normal",
      count: 1,
      involvedObject: { kind: "Pod", namespace, name: "pod" },
    },
  },
  "[sig-auth] ServiceAccounts should run through the lifecycle of a ServiceAccount [Conformance]": {
    apiVersion: "v1",
    kind: "ServiceAccount",
    resource: "serviceaccounts",
    namespace,
    body: { automountServiceAccountToken: false },
  },
};
