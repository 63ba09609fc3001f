import type { PodSpec, ResourceQuota } from "@tskube/api";
import { isForbidden, isNotFound } from "@tskube/apimachinery";
import { expect } from "chai";
import { eventually } from "../framework/eventually.ts";
import { type ControlledApi, openControlled } from "./open-controlled.ts";

type Amounts = Readonly<Record<string, string>>;

const hard: Amounts = {
  pods: "5",
  services: "10",
  "services.nodeports": "1",
  "services.loadbalancers": "1",
  replicationcontrollers: "10",
  resourcequotas: "1",
  cpu: "1",
  memory: "500Mi",
  configmaps: "10",
  secrets: "10",
  "requests.storage": "10Gi",
  persistentvolumeclaims: "10",
  "requests.ephemeral-storage": "50Gi",
  "requests.example.com/dongle": "3",
  "count/replicasets.apps": "5",
};
const podTemplate = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "nginx" }] } };

function podSpec(requests?: Amounts, limits: Amounts | undefined = undefined): PodSpec {
  const resources = { ...(requests && { requests }), ...(limits && { limits }) };
  return { terminationGracePeriodSeconds: 0, containers: [{ name: "pause", image: "pause", resources }] };
}

describe("conformance: resource quotas", function () {
  this.timeout(60_000);
  let api: ControlledApi;
  before(async () => {
    api = await openControlled();
  });
  after(() => api.close());

  /** A namespace with its service account and a quota, and its usage so far. */
  async function setUp(namespace: string, spec: ResourceQuota["spec"] = { hard }) {
    await api.namespace(namespace);
    await eventually(() => api.client.configmaps(namespace).get("kube-root-ca.crt"));
    const quotas = api.client.resourcequotas(namespace);
    await quotas.create({ metadata: { name: "test-quota" }, spec });
    const used = (expected: Amounts, quota = "test-quota") =>
      eventually(async () => expect((await quotas.get(quota)).status?.used).to.include(expected));
    await eventually(async () => expect((await quotas.get("test-quota")).status?.hard).to.deep.equal(spec?.hard));
    return { quotas, used };
  }

  async function isRefused(creation: Promise<unknown>): Promise<void> {
    const error = await creation.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(isForbidden(error), String(error)).to.equal(true);
    expect(String(error)).to.match(/exceeded quota: test-quota/);
  }

  it("[sig-api-machinery] ResourceQuota should create a ResourceQuota and ensure its status is promptly calculated. [Conformance]", async () => {
    const { used } = await setUp("quota-status");
    await used({ resourcequotas: "1", pods: "0", secrets: "0", cpu: "0", "count/replicasets.apps": "0" });
  });

  it("[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a service. [Conformance]", async () => {
    const { used } = await setUp("quota-service");
    const services = api.client.services("quota-service");
    const service = (name: string, type: string) => ({
      metadata: { name },
      spec: { type, selector: { a: "b" }, ports: [{ port: 80 }], allocateLoadBalancerNodePorts: undefined },
    });
    const { spec: clusterIp } = service("cluster-ip", "ClusterIP");
    await services.create({ metadata: { name: "cluster-ip" }, spec: clusterIp });
    await services.create(service("node-port", "NodePort"));
    await isRefused(services.create(service("load-balancer", "LoadBalancer"))); // its node port is the second
    await used({ services: "2", "services.nodeports": "1", "services.loadbalancers": "0" });
    await services.delete("cluster-ip");
    await services.delete("node-port");
    await used({ services: "0", "services.nodeports": "0" });
  });

  it("[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a secret. [Conformance]", async () => {
    const { used } = await setUp("quota-secret");
    const secrets = api.client.secrets("quota-secret");
    await secrets.create({ metadata: { name: "test-secret" }, data: { a: "dmFsdWU=" } });
    await used({ secrets: "1" });
    await secrets.delete("test-secret");
    await used({ secrets: "0" });
  });

  it("[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a configMap. [Conformance]", async () => {
    const { used } = await setUp("quota-configmap");
    const configMaps = api.client.configmaps("quota-configmap");
    await used({ configmaps: "1" }); // kube-root-ca.crt
    await configMaps.create({ metadata: { name: "test-configmap" }, data: { a: "b" } });
    await used({ configmaps: "2" });
    await configMaps.delete("test-configmap");
    await used({ configmaps: "1" });
  });

  it("[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replication controller. [Conformance]", async () => {
    const { used } = await setUp("quota-rc");
    const controllers = api.client.replicationcontrollers("quota-rc");
    const spec = { replicas: 0, selector: { a: "b" }, template: podTemplate };
    await controllers.create({ metadata: { name: "test-rc" }, spec });
    await used({ replicationcontrollers: "1" });
    await controllers.delete("test-rc");
    await used({ replicationcontrollers: "0" });
  });

  it("[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replica set. [Conformance]", async () => {
    const { used } = await setUp("quota-rs");
    const replicaSets = api.client.replicasets("quota-rs");
    const spec = { replicas: 0, selector: { matchLabels: { a: "b" } }, template: podTemplate };
    await replicaSets.create({ metadata: { name: "test-rs" }, spec });
    await used({ "count/replicasets.apps": "1" });
    await replicaSets.delete("test-rs");
    await used({ "count/replicasets.apps": "0" });
  });

  it("[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a pod. [Conformance]", async () => {
    const { used } = await setUp("quota-pod");
    const pods = api.client.pods("quota-pod");
    const create = (name: string, requests: Amounts) => {
      const dongles = requests["example.com/dongle"];
      const limits = dongles === undefined ? undefined : { "example.com/dongle": dongles };
      return pods.create({ metadata: { name }, spec: podSpec(requests, limits) });
    };
    const taken = { cpu: "500m", memory: "252Mi", "ephemeral-storage": "30Gi", "example.com/dongle": "2" };
    await create("test-pod", taken);
    const expected = {
      pods: "1",
      cpu: "500m",
      memory: "252Mi",
      "requests.ephemeral-storage": "30Gi",
      "requests.example.com/dongle": "2",
    };
    await used(expected);
    await isRefused(create("too-much-cpu", { cpu: "600m", memory: "100Mi", "ephemeral-storage": "1Gi" }));
    await isRefused(
      create("too-many-dongles", {
        cpu: "100m",
        memory: "100Mi",
        "ephemeral-storage": "1Gi",
        "example.com/dongle": "2",
      }),
    );
    await pods.patch("test-pod", { metadata: { labels: { x: "y" } } });
    await used(expected);
    await pods.delete("test-pod", { gracePeriodSeconds: 0 });
    await used({ pods: "0", cpu: "0", memory: "0", "requests.example.com/dongle": "0" });
  });

  it("[sig-api-machinery] ResourceQuota should verify ResourceQuota with terminating scopes. [Conformance]", async () => {
    const limited = { hard: { pods: "5" }, scopes: ["Terminating"] };
    const { quotas, used } = await setUp("quota-terminating", limited);
    await quotas.create({
      metadata: { name: "not-terminating" },
      spec: { hard: { pods: "5" }, scopes: ["NotTerminating"] },
    });
    await used({ pods: "0" }, "not-terminating");
    const pods = api.client.pods("quota-terminating");
    await pods.create({ metadata: { name: "long" }, spec: podSpec() });
    await used({ pods: "1" }, "not-terminating");
    await used({ pods: "0" });
    await pods.delete("long", { gracePeriodSeconds: 0 });
    await used({ pods: "0" }, "not-terminating");
    await pods.create({ metadata: { name: "ends" }, spec: { ...podSpec(), activeDeadlineSeconds: 3600 } });
    await used({ pods: "1" });
    await used({ pods: "0" }, "not-terminating");
    await pods.delete("ends", { gracePeriodSeconds: 0 });
    await used({ pods: "0" });
  });

  it("[sig-api-machinery] ResourceQuota should verify ResourceQuota with best effort scope. [Conformance]", async () => {
    const { quotas, used } = await setUp("quota-best-effort", { hard: { pods: "5" }, scopes: ["BestEffort"] });
    await quotas.create({
      metadata: { name: "not-best-effort" },
      spec: { hard: { pods: "5" }, scopes: ["NotBestEffort"] },
    });
    await used({ pods: "0" }, "not-best-effort");
    const pods = api.client.pods("quota-best-effort");
    await pods.create({ metadata: { name: "best-effort" }, spec: podSpec() });
    await used({ pods: "1" });
    await used({ pods: "0" }, "not-best-effort");
    await pods.delete("best-effort", { gracePeriodSeconds: 0 });
    await used({ pods: "0" });
    await pods.create({ metadata: { name: "burstable" }, spec: podSpec({ cpu: "100m", memory: "100Mi" }) });
    await used({ pods: "1" }, "not-best-effort");
    await used({ pods: "0" });
    await pods.delete("burstable", { gracePeriodSeconds: 0 });
    await used({ pods: "0" }, "not-best-effort");
  });

  it("[sig-api-machinery] ResourceQuota should be able to update and delete ResourceQuota. [Conformance]", async () => {
    await api.namespace("quota-update");
    const quotas = api.client.resourcequotas("quota-update");
    const created = await quotas.create({
      metadata: { name: "test-quota" },
      spec: { hard: { cpu: "1", memory: "500Mi" } },
    });
    expect((await quotas.get("test-quota")).spec?.hard).to.deep.equal({ cpu: "1", memory: "500Mi" });
    await eventually(async () => {
      const found = await quotas.get("test-quota");
      expect(found.status?.hard).to.deep.equal(created.spec?.hard);
      await quotas.update({ ...found, spec: { hard: { cpu: "2", memory: "1Gi" } } });
    });
    expect((await quotas.get("test-quota")).spec?.hard).to.deep.equal({ cpu: "2", memory: "1Gi" });
    await quotas.delete("test-quota");
    const error = await quotas.get("test-quota").catch((reason: unknown) => reason);
    expect(isNotFound(error)).to.equal(true);
  });

  it("[sig-api-machinery] ResourceQuota should manage the lifecycle of a ResourceQuota [Conformance]", async () => {
    await api.namespace("quota-lifecycle");
    const quotas = api.client.resourcequotas("quota-lifecycle");
    const labels = { "e2e-rq-label": "life" };
    await quotas.create({ metadata: { name: "life", labels }, spec: { hard: { cpu: "1", memory: "500Mi" } } });
    const everywhere = () => api.client.resourcequotas().list({ labelSelector: "e2e-rq-label=life" });
    expect((await everywhere()).items.map(({ metadata }) => metadata.name)).to.deep.equal(["life"]);
    const patch = {
      metadata: { labels: { "e2e-rq-label": "life", patched: "true" } },
      spec: { hard: { memory: "750Mi" } },
    };
    const patched = await quotas.patch("life", patch);
    expect(patched.metadata.labels).to.include({ patched: "true" });
    expect(patched.spec?.hard).to.deep.equal({ cpu: "1", memory: "750Mi" });
    await quotas.deleteCollection({}, { labelSelector: "e2e-rq-label=life" });
    await eventually(async () => expect((await everywhere()).items).to.have.length(0));
  });

  it("[sig-api-machinery] ResourceQuota should apply changes to a resourcequota status [Conformance]", async () => {
    const wanted = { cpu: "500m", memory: "500Mi" };
    const { quotas } = await setUp("quota-status-changes", { hard: wanted });
    const reported = { cpu: "2", memory: "2Gi" };
    const patched = await quotas.patchStatus("test-quota", { status: { hard: reported } }, { type: "merge" });
    expect(patched.status?.hard).to.deep.equal(reported);
    const restored = () =>
      eventually(async () => {
        const found = await quotas.get("test-quota");
        expect(found.status?.hard).to.deep.equal(wanted);
        return found;
      });
    const present = await restored(); // by the controller
    await quotas.updateStatus({ ...present, status: { ...present.status, hard: reported } });
    await restored();
    expect((await quotas.get("test-quota")).spec?.hard).to.deep.equal(wanted);
  });
});
