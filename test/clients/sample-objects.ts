import type { KindUnderTest } from "../conformance/check-operations.ts";
import { kinds } from "../conformance/kinds-under-test.ts";

const namespace = "default";
const template = {
  metadata: { labels: { app: "sample" } },
  spec: { restartPolicy: "Always", containers: [{ name: "c", image: "busybox", ports: [{ containerPort: 80 }] }] },
};
const selector = { matchLabels: { app: "sample" } };
const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
const subjects = [{ kind: "User", name: "someone", apiGroup: "rbac.authorization.k8s.io" }];
const roleRef = (kind: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name: "none" });
const clientConfig = { url: "https://webhook.invalid/" };
const webhook = {
  name: "sample.example.com",
  clientConfig,
  sideEffects: "None",
  admissionReviewVersions: ["v1"],
  failurePolicy: "Ignore",
  rules: [{ apiGroups: ["example.com"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["none"] }],
};

const sample = (
  apiVersion: string,
  kind: string,
  resource: string,
  body: Readonly<Record<string, unknown>>,
  more: Partial<KindUnderTest> = {},
): KindUnderTest => ({ apiVersion, kind, resource, namespace, body, ...more });

/** In no namespace. */
const cluster = (...args: Parameters<typeof sample>): KindUnderTest => {
  const { namespace: _namespace, ...rest } = sample(...args);
  return rest;
};

const others: readonly KindUnderTest[] = [
  sample("v1", "Pod", "pods", {
    spec: {
      containers: [
        {
          name: "c",
          image: "busybox",
          resources: { requests: { cpu: "100m" }, limits: { memory: "64Mi" } },
          readinessProbe: { httpGet: { path: "/", port: "http" }, periodSeconds: 3 },
          env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
        },
      ],
      tolerations: [{ key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 }],
    },
  }),
  sample("v1", "Service", "services", { spec: { selector: { a: "b" }, ports: [{ port: 80, targetPort: "http" }] } }),
  sample("v1", "Secret", "secrets", { data: { a: "AAEC" }, type: "Opaque" }),
  sample("v1", "LimitRange", "limitranges", { spec: { limits: [{ type: "Pod", max: { cpu: "2" } }] } }),
  sample("v1", "ResourceQuota", "resourcequotas", { spec: { hard: { "count/none.example.com": "1" } } }),
  sample("v1", "ReplicationController", "replicationcontrollers", {
    spec: { replicas: 0, selector: { app: "sample" }, template },
  }),
  sample("v1", "PersistentVolumeClaim", "persistentvolumeclaims", {
    spec: { accessModes: ["ReadWriteOnce"], storageClassName: "none", resources: { requests: { storage: "1Gi" } } },
  }),
  cluster("v1", "PersistentVolume", "persistentvolumes", {
    spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/tmp/none" } },
  }),
  cluster("v1", "Namespace", "namespaces", {}),
  cluster("v1", "Node", "nodes", { spec: { podCIDR: "10.1.0.0/24", podCIDRs: ["10.1.0.0/24"] } }),
  sample("apps/v1", "Deployment", "deployments", { spec: { replicas: 0, selector, template } }),
  sample("apps/v1", "ReplicaSet", "replicasets", { spec: { replicas: 0, selector, template } }),
  sample("apps/v1", "DaemonSet", "daemonsets", { spec: { selector, template } }),
  sample("apps/v1", "StatefulSet", "statefulsets", { spec: { replicas: 0, serviceName: "s", selector, template } }),
  sample("batch/v1", "Job", "jobs", {
    spec: { suspend: true, template: { ...template, spec: { ...template.spec, restartPolicy: "Never" } } },
  }),
  ...["v1", "v2"].map((version) =>
    sample(
      `autoscaling/${version}`,
      "HorizontalPodAutoscaler",
      "horizontalpodautoscalers",
      { spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "none" } } },
      { nameOf: (index) => `sample-${version}-${index}` },
    ),
  ),
  sample("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", { spec: { minAvailable: "50%", selector } }),
  sample("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", {
    spec: { podSelector: selector, ingress: [{ ports: [{ port: "http", protocol: "TCP" }] }] },
  }),
  sample("coordination.k8s.io/v1", "Lease", "leases", {
    spec: { holderIdentity: "a", leaseDurationSeconds: 15, renewTime: "2026-01-01T00:00:00.123456Z" },
  }),
  sample("rbac.authorization.k8s.io/v1", "Role", "roles", { rules }),
  sample("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", { subjects, roleRef: roleRef("Role") }),
  cluster("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", { rules }),
  cluster("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", {
    subjects,
    roleRef: roleRef("ClusterRole"),
  }),
  cluster("scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", { value: 10, description: "a sample" }),
  cluster("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", {
    webhooks: [webhook],
  }),
  cluster("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", {
    webhooks: [webhook],
  }),
  cluster("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", {
    spec: {
      matchConstraints: { resourceRules: webhook.rules },
      validations: [{ expression: "object.metadata.name != ''", message: "must have a name" }],
    },
  }),
  cluster("resource.k8s.io/v1", "DeviceTaintRule", "devicetaintrules", {
    spec: { deviceSelector: { driver: "gpu.example.com" }, taint: { key: "a", value: "b", effect: "NoSchedule" } },
  }),
  cluster("storagemigration.k8s.io/v1", "StorageVersionMigration", "storageversionmigrations", {
    spec: { resource: { group: "example.com", resource: "none" } },
  }),
  cluster(
    "apiregistration.k8s.io/v1",
    "APIService",
    "apiservices",
    {
      spec: {
        group: "sample.example.com",
        version: "v1",
        groupPriorityMinimum: 100,
        versionPriority: 100,
        service: { namespace, name: "none" },
        insecureSkipTLSVerify: true,
      },
    },
    { nameOf: () => "v1.sample.example.com" },
  ),
  cluster(
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    {
      spec: {
        group: "proto.example.com",
        scope: "Namespaced",
        names: { plural: "samples", singular: "sample", kind: "Sample", listKind: "SampleList" },
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: "object", properties: { spec: { type: "string", maxLength: 5 } } } },
          },
        ],
      },
    },
    { nameOf: () => "samples.proto.example.com" },
  ),
];

/** An object of every kind that can be created and listed. */
export const sampleObjects: readonly KindUnderTest[] = [...others, ...Object.values(kinds)];
