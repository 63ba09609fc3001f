import type { KubeObject, PodSpec, PodTemplateSpec } from "@tskube/api";
import type { Client } from "@tskube/client";
import { expect } from "chai";
import { eventually } from "../framework/eventually.ts";
import { at, type Json } from "../integration/apiserver/open-test-server.ts";
import { succeed } from "./check-operations.ts";
import { type ControlledApi, openControlled } from "./open-controlled.ts";

const mergePatch = { "content-type": "application/merge-patch+json" };

describe("conformance: what controllers of workloads hold to", function () {
  this.timeout(60_000);
  let api: ControlledApi;
  let client: Client;
  let count = 0;
  before(async () => {
    api = await openControlled();
    client = api.client;
  });
  after(() => api.close());

  async function place(): Promise<string> {
    const name = `workloads-${++count}`;
    await api.namespace(name);
    return name;
  }
  const podSpec: PodSpec = { terminationGracePeriodSeconds: 0, containers: [{ name: "c", image: "i" }] };
  const podTemplate = (app: string, restartPolicy = "Always"): PodTemplateSpec => ({
    metadata: { labels: { app } },
    spec: { ...podSpec, restartPolicy },
  });
  /** A workload of any kind that runs pods labelled by its name. */
  const workload = (name: string, replicas: number, more: object = {}) => ({
    metadata: { name, labels: { app: name } },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: podTemplate(name), ...more },
  });
  const podsOf = async (namespace: string, app: string) =>
    (await client.pods(namespace).list({ labelSelector: `app=${app}` })).items;
  const ownersOf = ({ metadata }: KubeObject) =>
    metadata.ownerReferences?.map(({ kind, name }) => `${kind}/${name}`) ?? [];
  const pathOf = (namespace: string, resource: string) => `/apis/apps/v1/namespaces/${namespace}/${resource}`;

  for (const [title, resource, more] of [
    ["[sig-apps] Deployment Deployment should have a working scale subresource [Conformance]", "deployments", {}],
    ["[sig-apps] ReplicaSet Replicaset should have a working scale subresource [Conformance]", "replicasets", {}],
    [
      "[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should have a working scale subresource [Conformance]",
      "statefulsets",
      { serviceName: "s", podManagementPolicy: "Parallel" },
    ],
  ] as const) {
    it(title, async () => {
      const namespace = await place();
      const path = pathOf(namespace, resource);
      await succeed(api, 201, "POST", path, workload("scaled", 1, more));
      const scale = await succeed(api, 200, "GET", `${path}/scaled/scale`);
      expect(scale).to.include({ kind: "Scale", apiVersion: "autoscaling/v1" });
      expect(at(scale, "spec", "replicas")).to.equal(1);
      const metadata = { name: "scaled", namespace };
      const updated = await succeed(api, 200, "PUT", `${path}/scaled/scale`, { metadata, spec: { replicas: 2 } });
      expect(at(updated, "spec", "replicas")).to.equal(2);
      await eventually(async () => expect(await podsOf(namespace, "scaled")).to.have.length(2));
      const patch = { spec: { replicas: 4 } };
      await succeed(api, 200, "PATCH", `${path}/scaled/scale?fieldManager=e2e`, patch, mergePatch);
      expect(at(await succeed(api, 200, "GET", `${path}/scaled`), "spec", "replicas")).to.equal(4);
    });
  }

  it("[sig-apps] ReplicationController should get and update a ReplicationController scale [Conformance]", async () => {
    const namespace = await place();
    const controllers = client.replicationcontrollers(namespace);
    await controllers.create({
      metadata: { name: "scaled" },
      spec: { replicas: 1, selector: { app: "scaled" }, template: podTemplate("scaled") },
    });
    const scale = controllers.sub<KubeObject & { spec: { replicas: number } }>("scaled", "scale");
    const present = await scale.get();
    expect(present.spec.replicas).to.equal(1);
    // Of any version: the controller writes the status meanwhile.
    await scale.update({ ...present, metadata: { ...present.metadata, resourceVersion: "" }, spec: { replicas: 2 } });
    await eventually(async () => expect(await podsOf(namespace, "scaled")).to.have.length(2));
  });

  for (const [title, resource, more] of [
    ["[sig-apps] Deployment should validate Deployment Status endpoints [Conformance]", "deployments", {}],
    ["[sig-apps] ReplicaSet should validate Replicaset Status endpoints [Conformance]", "replicasets", {}],
    [
      "[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should validate Statefulset Status endpoints [Conformance]",
      "statefulsets",
      { serviceName: "s" },
    ],
  ] as const) {
    it(title, async () => {
      const path = `${pathOf(await place(), resource)}`;
      await succeed(api, 201, "POST", path, workload("reported", 1, more));
      const status = `${path}/reported/status`;
      const condition = (type: string) => ({ type, status: "True", reason: "E2E", message: "Set from e2e test" });
      const typesOf = (object: Json) =>
        ((at(object, "status", "conditions") ?? []) as { type: string }[]).map(({ type }) => type);
      await eventually(async () => {
        const present = await succeed(api, 200, "GET", status);
        const changed = { ...(at(present, "status") as object), conditions: [condition("StatusUpdate")] };
        expect(typesOf(await succeed(api, 200, "PUT", status, { ...present, status: changed }))).to.include(
          "StatusUpdate",
        );
      });
      const patch = { status: { conditions: [condition("StatusPatched")] } };
      expect(typesOf(await succeed(api, 200, "PATCH", status, patch, mergePatch))).to.deep.equal(["StatusPatched"]);
    });
  }

  it("[sig-apps] Job should apply changes to a job status [Conformance]", async () => {
    const namespace = await place();
    const jobs = client.jobs(namespace);
    await jobs.create({
      metadata: { name: "e2e" },
      spec: { parallelism: 2, completions: 4, template: podTemplate("e2e", "Never") },
    });
    await eventually(async () => expect((await jobs.get("e2e")).status?.active).to.equal(2));
    await jobs.patch(
      "e2e",
      { metadata: { annotations: { patchedstatus: "true" } }, status: { ready: 1 } },
      { type: "merge", subresource: "status" },
    );
    expect((await jobs.get("e2e")).metadata.annotations).to.include({ patchedstatus: "true" });
    await eventually(async () => {
      const present = await jobs.get("e2e");
      const suspended = { type: "E2E", status: "True", reason: "E2E", message: "Set by e2e test" };
      const updated = await jobs.updateStatus({
        ...present,
        status: { ...present.status, conditions: [suspended] },
      } as typeof present);
      expect(updated.status?.conditions?.[0]).to.include({ type: "E2E" });
    });
  });

  for (const [title, resource, more] of [
    ["[sig-apps] ReplicaSet should list and delete a collection of ReplicaSets [Conformance]", "replicasets", {}],
    [
      "[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should list, patch and delete a collection of StatefulSets [Conformance]",
      "statefulsets",
      { serviceName: "s" },
    ],
  ] as const) {
    it(title, async () => {
      const path = pathOf(await place(), resource);
      await succeed(api, 201, "POST", path, workload("collected", 2, more));
      const listed = `/apis/apps/v1/${resource}?labelSelector=app%3Dcollected`;
      const found = at(await succeed(api, 200, "GET", listed), "items") as Json[];
      expect(found.map((item) => at(item, "metadata", "name"))).to.include("collected");
      const patch = { metadata: { labels: { patched: "true" } }, spec: { replicas: 1 } };
      const patched = await succeed(api, 200, "PATCH", `${path}/collected`, patch, mergePatch);
      expect(at(patched, "spec", "replicas")).to.equal(1);
      await succeed(api, 200, "DELETE", `${path}?labelSelector=patched%3Dtrue`);
      await eventually(async () => expect(at(await succeed(api, 200, "GET", path), "items")).to.deep.equal([]));
    });
  }

  it("[sig-apps] ReplicaSet should adopt matching pods on creation and release no longer matching pods [Conformance]", async () => {
    const namespace = await place();
    const pods = client.pods(namespace);
    await pods.create({ metadata: { name: "orphan", labels: { app: "adopts" } }, spec: podSpec });
    await client.replicasets(namespace).create(workload("adopts", 1));
    await eventually(async () => expect(ownersOf(await pods.get("orphan"))).to.deep.equal(["ReplicaSet/adopts"]));
    await pods.patch("orphan", { metadata: { labels: { app: "leaves" } } });
    await eventually(async () => {
      expect(ownersOf(await pods.get("orphan"))).to.deep.equal([]);
      expect(await podsOf(namespace, "adopts")).to.have.length(1); // another in its place
    });
  });

  for (const [title, releases] of [
    ["[sig-apps] ReplicationController should adopt matching pods on creation [Conformance]", false],
    ["[sig-apps] ReplicationController should release no longer matching pods [Conformance]", true],
  ] as const) {
    it(title, async () => {
      const namespace = await place();
      const pods = client.pods(namespace);
      await pods.create({ metadata: { name: "orphan", labels: { app: "adopts" } }, spec: podSpec });
      const spec = { replicas: 1, selector: { app: "adopts" }, template: podTemplate("adopts") };
      await client.replicationcontrollers(namespace).create({ metadata: { name: "adopts" }, spec });
      await eventually(async () =>
        expect(ownersOf(await pods.get("orphan"))).to.deep.equal(["ReplicationController/adopts"]),
      );
      if (!releases) return;
      await pods.patch("orphan", { metadata: { labels: { app: "leaves" } } });
      await eventually(async () => expect(ownersOf(await pods.get("orphan"))).to.deep.equal([]));
    });
  }

  it("[sig-apps] ReplicationController should surface a failure condition on a common issue like exceeded quota [Conformance]", async () => {
    const namespace = await place();
    const quotas = client.resourcequotas(namespace);
    await quotas.create({ metadata: { name: "condition-test" }, spec: { hard: { pods: "2" } } });
    await eventually(async () =>
      expect((await quotas.get("condition-test")).status?.hard).to.deep.equal({ pods: "2" }),
    );
    const controllers = client.replicationcontrollers(namespace);
    const spec = { replicas: 3, selector: { app: "limited" }, template: podTemplate("limited") };
    await controllers.create({ metadata: { name: "limited" }, spec });
    const failure = async () =>
      (await controllers.get("limited")).status?.conditions?.find(({ type }) => type === "ReplicaFailure");
    await eventually(async () => expect(await failure()).to.include({ status: "True", reason: "FailedCreate" }));
    await controllers.patch("limited", { spec: { replicas: 2 } });
    await eventually(async () => expect(await failure()).to.equal(undefined));
  });

  describe("disruption budgets", () => {
    const budget = (minAvailable: number | string) => ({
      metadata: { name: "foo", labels: { budget: "e2e" } },
      spec: { minAvailable, selector: { matchLabels: { foo: "bar" } } },
    });
    const allowed = (namespace: string, expected: number) =>
      eventually(async () => {
        const { status } = await client.poddisruptionbudgets(namespace).get("foo");
        expect(status?.disruptionsAllowed).to.equal(expected);
      });
    async function runningPods(namespace: string, howMany: number): Promise<void> {
      const pods = client.pods(namespace);
      for (let index = 0; index < howMany; index++) {
        const name = `pod-${index}`;
        await pods.create({ metadata: { name, labels: { foo: "bar" } }, spec: podSpec });
        const conditions = [{ type: "Ready", status: "True" }];
        await pods.patchStatus(name, { status: { phase: "Running", conditions } });
      }
    }

    it("[sig-apps] DisruptionController should create a PodDisruptionBudget [Conformance]", async () => {
      const namespace = await place();
      const budgets = client.poddisruptionbudgets(namespace);
      await budgets.create(budget("1%"));
      await eventually(async () => budgets.update({ ...(await budgets.get("foo")), spec: budget("2%").spec }));
      await budgets.patch("foo", { spec: { minAvailable: "3%" } }, { type: "merge" });
      expect((await budgets.get("foo")).spec?.minAvailable).to.equal("3%");
      await budgets.delete("foo");
    });

    it("[sig-apps] DisruptionController should observe PodDisruptionBudget status updated [Conformance]", async () => {
      const namespace = await place();
      await client.poddisruptionbudgets(namespace).create(budget(1));
      await runningPods(namespace, 3);
      await allowed(namespace, 2);
    });

    it("[sig-apps] DisruptionController should update/patch PodDisruptionBudget status [Conformance]", async () => {
      const namespace = await place();
      const budgets = client.poddisruptionbudgets(namespace);
      await budgets.create(budget(1));
      await runningPods(namespace, 1);
      await allowed(namespace, 0);
      const condition = {
        type: "E2E",
        status: "True",
        reason: "E2E",
        message: "",
        lastTransitionTime: "2026-01-01T00:00:00Z",
      };
      await eventually(async () => {
        const present = await budgets.get("foo");
        const status = { ...present.status, conditions: [...(present.status?.conditions ?? []), condition] };
        const updated = await budgets.updateStatus({ ...present, status } as typeof present);
        expect(updated.status?.conditions?.map(({ type }) => type)).to.include("E2E");
      });
      const disruptedPods = { gone: "2026-01-01T00:00:00Z" };
      const patched = await budgets.patchStatus("foo", { status: { disruptedPods } }, { type: "merge" });
      expect(patched.status?.disruptedPods).to.deep.equal(disruptedPods);
    });

    it("[sig-apps] DisruptionController should block an eviction until the PDB is updated to allow it [Conformance]", async () => {
      const namespace = await place();
      const budgets = client.poddisruptionbudgets(namespace);
      await budgets.create(budget(3));
      await runningPods(namespace, 3);
      await allowed(namespace, 0);
      const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "pod-0", namespace } };
      const path = `/api/v1/namespaces/${namespace}/pods/pod-0/eviction`;
      const refused = await api.send("POST", path, eviction);
      expect([refused.status, at(refused.json, "reason")]).to.deep.equal([429, "TooManyRequests"]);
      await budgets.patch("foo", { spec: { minAvailable: 2 } }, { type: "merge" });
      await allowed(namespace, 1);
      await succeed(api, 201, "POST", path, eviction);
    });

    it("[sig-apps] DisruptionController Listing PodDisruptionBudgets for all namespaces should list and delete a collection of PodDisruptionBudgets [Conformance]", async () => {
      const [one, two] = [await place(), await place()];
      for (const namespace of [one, two]) await client.poddisruptionbudgets(namespace).create(budget(1));
      const listed = async () => (await client.poddisruptionbudgets().list({ labelSelector: "budget=e2e" })).items;
      const namespaces = (await listed()).map(({ metadata }) => metadata.namespace);
      expect(namespaces).to.include.members([one, two]);
      await client.poddisruptionbudgets(one).deleteCollection({}, { labelSelector: "budget=e2e" });
      expect((await listed()).map(({ metadata }) => metadata.namespace))
        .to.include(two)
        .and.to.not.include(one);
    });
  });
});
