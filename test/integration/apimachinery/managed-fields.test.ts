import { schemaOf } from "@tskube/api";
import { type ObjectLike, updateManagedFields } from "@tskube/apimachinery";
import { expect } from "chai";

interface Workload extends ObjectLike {
  readonly spec?: unknown;
  readonly status?: unknown;
}

const deployment: Workload = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "default", labels: { app: "web" } },
  spec: {
    progressDeadlineSeconds: 600,
    replicas: 1,
    revisionHistoryLimit: 10,
    selector: { matchLabels: { app: "web" } },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: {
        containers: [{ name: "web", image: "web:1", imagePullPolicy: "IfNotPresent", resources: {} }],
        dnsPolicy: "ClusterFirst",
        securityContext: {},
      },
    },
  },
  status: {},
};

/** What `kubectl get --show-managed-fields` shows of such a deployment on a cluster of upstream's. */
const ownedByCreator = {
  "f:metadata": { "f:labels": { ".": {}, "f:app": {} } },
  "f:spec": {
    "f:progressDeadlineSeconds": {},
    "f:replicas": {},
    "f:revisionHistoryLimit": {},
    "f:selector": {},
    "f:strategy": { "f:rollingUpdate": { ".": {}, "f:maxSurge": {}, "f:maxUnavailable": {} }, "f:type": {} },
    "f:template": {
      "f:metadata": { "f:labels": { ".": {}, "f:app": {} } },
      "f:spec": {
        "f:containers": {
          'k:{"name":"web"}': { ".": {}, "f:image": {}, "f:imagePullPolicy": {}, "f:name": {}, "f:resources": {} },
        },
        "f:dnsPolicy": {},
        "f:securityContext": {},
      },
    },
  },
};

describe("managedFields by the schema of the built-in kinds", () => {
  it("book a created deployment as upstream does", () => {
    const scope = { schema: schemaOf, typeName: "apps/v1.Deployment", apiVersion: "apps/v1" };
    const entries = updateManagedFields(scope, undefined, deployment, { manager: "kubectl-create", nowMs: 0 });
    expect(entries).to.deep.equal([
      {
        manager: "kubectl-create",
        operation: "Update",
        apiVersion: "apps/v1",
        time: "1970-01-01T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: ownedByCreator,
      },
    ]);
  });

  it("book a kubelet's report to the status subresource", () => {
    const scope = { schema: schemaOf, typeName: "core/v1.Pod", apiVersion: "v1" };
    const scheduled = { type: "PodScheduled", status: "True" };
    const pod: Workload = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web", namespace: "default", uid: "u" },
      spec: { containers: [{ name: "web", image: "web:1", ports: [{ containerPort: 80, protocol: "TCP" }] }] },
      status: { phase: "Pending", conditions: [scheduled] },
    };
    const created = updateManagedFields(scope, undefined, pod, { manager: "kubectl", nowMs: 0 }) ?? [];
    const live: Workload = { ...pod, metadata: { ...pod.metadata, managedFields: created } };
    const running: Workload = {
      ...live,
      status: {
        phase: "Running",
        conditions: [scheduled, { type: "Ready", status: "True", lastTransitionTime: "1970-01-01T00:00:00Z" }],
        containerStatuses: [{ name: "web", ready: true }],
        podIPs: [{ ip: "10.244.0.5" }],
      },
    };
    const writer = { manager: "kubelet", nowMs: 0 };
    const [entry] = (updateManagedFields({ ...scope, subresource: "status" }, live, running, writer) ?? []).filter(
      ({ subresource }) => subresource === "status",
    );
    expect(entry?.fieldsV1).to.deep.equal({
      "f:status": {
        "f:conditions": { 'k:{"type":"Ready"}': { ".": {}, "f:lastTransitionTime": {}, "f:status": {}, "f:type": {} } },
        "f:containerStatuses": {},
        "f:phase": {},
        "f:podIPs": { ".": {}, 'k:{"ip":"10.244.0.5"}': { ".": {}, "f:ip": {} } },
      },
    });
  });
});
