import { gvkOf } from "@tskube/apimachinery";
import { expect } from "chai";
import { decodeObject } from "../codec/json/index.ts";
import { typeNameOf } from "../schema/index.ts";
import { setDefaults } from "./index.ts";

type Json = Record<string, unknown>;

/** An object as it is after decoding and defaulting. */
function defaulted(apiVersion: string, kind: string, rest: Json): Json {
  const gvk = gvkOf({ apiVersion, kind });
  const type = typeNameOf(gvk);
  if (type === undefined) throw new Error(`no type of ${kind}`);
  const { object } = decodeObject(type, JSON.stringify({ apiVersion, kind, metadata: { name: "a" }, ...rest }));
  setDefaults(gvk, object);
  return object;
}

const specOf = (apiVersion: string, kind: string, spec: Json) => defaulted(apiVersion, kind, { spec })["spec"];

const container = {
  name: "c",
  image: "nginx",
  imagePullPolicy: "Always",
  resources: {},
  terminationMessagePath: "/dev/termination-log",
  terminationMessagePolicy: "File",
};

const templateSpec = {
  containers: [container],
  dnsPolicy: "ClusterFirst",
  restartPolicy: "Always",
  schedulerName: "default-scheduler",
  securityContext: {},
  terminationGracePeriodSeconds: 30,
};

const template = { metadata: {}, spec: { containers: [{ name: "c", image: "nginx" }] } };

describe("setDefaults", () => {
  it("completes a pod", () => {
    expect(specOf("v1", "Pod", template.spec)).to.deep.equal({ ...templateSpec, enableServiceLinks: true });
  });

  it("completes a pod's template without what only pods get", () => {
    const spec = specOf("apps/v1", "Deployment", { selector: {}, template });
    expect(spec).to.deep.equal({
      replicas: 1,
      selector: {},
      template: { metadata: {}, spec: templateSpec },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    });
  });

  it("pulls always only what is named latest", () => {
    const policies = ["a", "a:1", "a:latest", "host:5000/a", "host:5000/a:1", "a@sha256:00", "a:latest@sha256:00"].map(
      (image) => {
        const spec = specOf("v1", "Pod", { containers: [{ name: "c", image }] }) as { containers: Json[] };
        return spec.containers[0]?.["imagePullPolicy"] === "Always";
      },
    );
    expect(policies).to.deep.equal([true, false, true, true, false, false, true]);
  });

  it("takes a container's limits for requests that are missing", () => {
    const resources = { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "100m" } };
    const spec = specOf("v1", "Pod", { containers: [{ name: "c", image: "a:1", resources }] }) as {
      containers: Json[];
    };
    expect(spec.containers[0]?.["resources"]).to.deep.equal({
      limits: { cpu: "1", memory: "1Gi" },
      requests: { cpu: "100m", memory: "1Gi" },
    });
  });

  it("asks for a pod what its containers ask for, and else what its limits allow", () => {
    const asking = (cpu: string, more: Json = {}) => ({
      name: cpu,
      image: "a:1",
      resources: { requests: { cpu } },
      ...more,
    });
    const spec = specOf("v1", "Pod", {
      containers: [asking("100m")],
      initContainers: [asking("50m", { restartPolicy: "Always" }), asking("300m")],
      resources: { limits: { cpu: "2", memory: "1Gi" } },
    }) as Json;
    expect(spec["resources"]).to.deep.equal({
      limits: { cpu: "2", memory: "1Gi" },
      requests: { cpu: "350m", memory: "1Gi" },
    });
  });

  it("completes probes, ports and volumes wherever they stand", () => {
    const spec = specOf("v1", "Pod", {
      hostNetwork: true,
      containers: [
        {
          name: "c",
          image: "a:1",
          ports: [{ containerPort: 80 }],
          livenessProbe: { httpGet: { port: 80 } },
          env: [{ name: "N", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
        },
      ],
      volumes: [
        { name: "e" },
        { name: "h", hostPath: { path: "/" } },
        { name: "s", secret: { secretName: "s" } },
        { name: "p", projected: { sources: [{ serviceAccountToken: { path: "t" } }] } },
      ],
    }) as { containers: Json[]; volumes: Json[] };
    expect(spec.containers[0]).to.deep.include({
      ports: [{ containerPort: 80, hostPort: 80, protocol: "TCP" }],
      livenessProbe: {
        httpGet: { path: "/", port: 80, scheme: "HTTP" },
        timeoutSeconds: 1,
        periodSeconds: 10,
        successThreshold: 1,
        failureThreshold: 3,
      },
      env: [{ name: "N", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "spec.nodeName" } } }],
    });
    expect(spec.volumes).to.deep.equal([
      { name: "e", emptyDir: {} },
      { name: "h", hostPath: { path: "/", type: "" } },
      { name: "s", secret: { secretName: "s", defaultMode: 420 } },
      {
        name: "p",
        projected: { sources: [{ serviceAccountToken: { path: "t", expirationSeconds: 3600 } }], defaultMode: 420 },
      },
    ]);
  });

  it("completes services by their type", () => {
    expect(specOf("v1", "Service", { ports: [{ port: 80 }] })).to.deep.equal({
      ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
      sessionAffinity: "None",
      type: "ClusterIP",
      internalTrafficPolicy: "Cluster",
    });
    expect(specOf("v1", "Service", { type: "LoadBalancer", sessionAffinity: "ClientIP" })).to.deep.equal({
      type: "LoadBalancer",
      sessionAffinity: "ClientIP",
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } },
      externalTrafficPolicy: "Cluster",
      internalTrafficPolicy: "Cluster",
      allocateLoadBalancerNodePorts: true,
    });
    expect(specOf("v1", "Service", { type: "ExternalName", externalName: "a.example" })).to.deep.equal({
      type: "ExternalName",
      externalName: "a.example",
      sessionAffinity: "None",
    });
  });

  it("completes stateful sets with their claims", () => {
    const spec = specOf("apps/v1", "StatefulSet", {
      selector: {},
      serviceName: "s",
      template,
      volumeClaimTemplates: [{ metadata: { name: "data" }, spec: {} }],
    }) as Json;
    expect(spec).to.deep.include({
      replicas: 1,
      podManagementPolicy: "OrderedReady",
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0, maxUnavailable: 1 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
      volumeClaimTemplates: [
        {
          apiVersion: "v1",
          kind: "PersistentVolumeClaim",
          metadata: { name: "data" },
          spec: { resources: {}, volumeMode: "Filesystem" },
          status: { phase: "Pending" },
        },
      ],
    });
  });

  it("completes jobs, with a limit per index in place of the common one", () => {
    const job = defaulted("batch/v1", "Job", { spec: { template: { ...template, metadata: { labels: { a: "b" } } } } });
    expect(job["metadata"]).to.deep.equal({ name: "a", labels: { a: "b" } });
    expect(job["spec"]).to.include({
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      completionMode: "NonIndexed",
      suspend: false,
      podReplacementPolicy: "TerminatingOrFailed",
      manualSelector: false,
    });
    const indexed = specOf("batch/v1", "Job", { template, backoffLimitPerIndex: 1, parallelism: 2 });
    expect(indexed).to.include({ backoffLimit: 2147483647 }).and.not.have.property("completions");
  });

  it("keeps fields in step that say one thing twice", () => {
    expect(specOf("v1", "Pod", { containers: [], serviceAccount: "a" })).to.include({ serviceAccountName: "a" });
    expect(specOf("v1", "Pod", { containers: [], serviceAccountName: "b" })).to.include({ serviceAccount: "b" });
    expect(specOf("v1", "Node", { podCIDR: "10.0.0.0/24" })).to.deep.include({ podCIDRs: ["10.0.0.0/24"] });
    const pod = defaulted("v1", "Pod", { status: { podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }] } });
    expect(pod["status"]).to.include({ podIP: "10.0.0.1" });
  });

  it("turns a secret's texts into data", () => {
    const secret = defaulted("v1", "Secret", { data: { a: "MQ==", b: "Mg==" }, stringData: { b: "3" } });
    expect(secret["data"]).to.deep.equal({ a: "MQ==", b: "Mw==" });
    expect(secret).to.not.have.property("stringData");
  });

  it("labels namespaces with their name", () => {
    expect(defaulted("v1", "Namespace", {})).to.deep.include({
      metadata: { name: "a", labels: { "kubernetes.io/metadata.name": "a" } },
      status: { phase: "Active" },
    });
  });

  it("gives subjects of bindings their group, but service accounts none", () => {
    const binding = defaulted("rbac.authorization.k8s.io/v1", "RoleBinding", {
      roleRef: { kind: "Role", name: "r" },
      subjects: [
        { kind: "User", name: "u" },
        { kind: "ServiceAccount", name: "s" },
      ],
    });
    expect(binding["roleRef"]).to.include({ apiGroup: "rbac.authorization.k8s.io" });
    expect(binding["subjects"]).to.deep.equal([
      { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "u" },
      { kind: "ServiceAccount", name: "s" },
    ]);
  });

  it("completes webhooks and the rules inside policies", () => {
    const configuration = defaulted("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", {
      webhooks: [
        { name: "w", clientConfig: { service: { name: "s", namespace: "n" } }, rules: [{ operations: ["*"] }] },
      ],
    });
    expect((configuration["webhooks"] as Json[])[0]).to.deep.include({
      clientConfig: { service: { name: "s", namespace: "n", port: 443 } },
      rules: [{ operations: ["*"], scope: "*" }],
      failurePolicy: "Fail",
      matchPolicy: "Equivalent",
      namespaceSelector: {},
      objectSelector: {},
      timeoutSeconds: 10,
    });
    const policy = specOf("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", {
      matchConstraints: { resourceRules: [{ operations: ["*"] }] },
    }) as { matchConstraints: { resourceRules: Json[] } };
    expect(policy.matchConstraints.resourceRules[0]).to.deep.equal({ operations: ["*"], scope: "*" });
  });

  it("rounds amounts of resources up to thousandths", () => {
    const spec = specOf("v1", "Pod", { containers: [], overhead: { cpu: "1500u", memory: "1Ki" } });
    expect(spec).to.deep.include({ overhead: { cpu: "2m", memory: "1Ki" } });
  });

  it("applies the schema's own defaults", () => {
    expect(specOf("v1", "ReplicationController", {})).to.include({ replicas: 1 });
    expect(specOf("autoscaling/v1", "HorizontalPodAutoscaler", {})).to.include({ minReplicas: 1 });
  });

  it("is done after the first time, for every kind it knows", () => {
    const once = defaulted("apps/v1", "StatefulSet", { spec: { template, selector: {} } });
    const twice = structuredClone(once);
    setDefaults(gvkOf(twice), twice);
    expect(twice).to.deep.equal(once);
  });

  it("leaves kinds alone that are not built in", () => {
    const custom = { apiVersion: "example.com/v1", kind: "Pod", spec: {} };
    setDefaults(gvkOf(custom), custom);
    expect(custom).to.deep.equal({ apiVersion: "example.com/v1", kind: "Pod", spec: {} });
  });
});
