import type { KubeObject, PodTemplateSpec } from "@tskube/api";
import type { ResourceClient } from "@tskube/client";
import { expect } from "chai";
import { eventually } from "../framework/eventually.ts";
import { at, type Json, watchEvents } from "../integration/apiserver/open-test-server.ts";
import { type ControlledApi, openControlled } from "./open-controlled.ts";

const image = "registry.example.com/agnhost:1";
const otherImage = "registry.example.com/agnhost:2";

describe("conformance: the lifecycles of workloads", function () {
  this.timeout(60_000);
  let api: ControlledApi;
  before(async () => {
    api = await openControlled();
  });
  after(() => api.close());

  const podTemplate = (labels: Record<string, string>, restartPolicy = "Always"): PodTemplateSpec => ({
    metadata: { labels },
    spec: { restartPolicy, terminationGracePeriodSeconds: 0, containers: [{ name: "main", image }] },
  });

  /** Reports for every pod what a kubelet would. */
  async function runPods(namespace: string, phase: string): Promise<void> {
    const pods = api.client.pods(namespace);
    for (const { metadata, status } of (await pods.list()).items) {
      if (status?.phase === phase) continue;
      const conditions = [{ type: "Ready", status: phase === "Running" ? "True" : "False" }];
      await pods.patchStatus(metadata.name, { status: { phase, conditions } });
    }
  }

  /** The events of a selection from now on; `until` reads them up to the first that fits. */
  async function watching<T extends KubeObject>(path: string, objects: ResourceClient<T>) {
    const { metadata } = (await objects.list()) as unknown as { metadata: { resourceVersion: string } };
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(30_000)]);
    const query = `watch=true&resourceVersion=${metadata.resourceVersion}`;
    const events = watchEvents(api.transport, `${path}?${query}`, signal);
    return {
      async until(type: string, fits: (object: Json) => boolean = () => true): Promise<Json> {
        for (;;) {
          const { value, done } = await events.next();
          if (done) throw new Error(`no ${type} event that fits`);
          if (value.type === type && fits(value.object)) return value.object;
        }
      },
      async close() {
        stop.abort();
        await events.return(undefined);
      },
    };
  }

  it("[sig-apps] Deployment should run the lifecycle of a Deployment [Conformance]", async () => {
    await api.namespace("life-deployment");
    const deployments = api.client.deployments("life-deployment");
    const labels = { "test-deployment-static": "true" };
    const changes = await watching("/apis/apps/v1/namespaces/life-deployment/deployments", deployments);
    await deployments.create({
      metadata: { name: "test-deployment", labels },
      spec: { replicas: 2, selector: { matchLabels: labels }, template: podTemplate(labels) },
    });
    await changes.until("ADDED");
    const areReady = (replicas: number, generation: number) =>
      eventually(async () => {
        await runPods("life-deployment", "Running");
        const { status } = await deployments.get("test-deployment");
        expect(status).to.deep.include({ replicas, readyReplicas: replicas, updatedReplicas: replicas });
        expect(status?.observedGeneration).to.equal(generation);
      });
    await areReady(2, 1);
    await deployments.patch("test-deployment", {
      metadata: { labels: { "test-deployment": "patched" } },
      spec: { replicas: 1, template: { spec: { containers: [{ name: "main", image: otherImage }] } } },
    });
    const patched = await changes.until(
      "MODIFIED",
      (object) => at(object, "metadata", "labels", "test-deployment") === "patched",
    );
    expect(at(patched, "spec", "template", "spec", "containers", 0, "image")).to.equal(otherImage);
    await areReady(1, 2);
    const everywhere = await api.client.deployments().list({ labelSelector: "test-deployment-static=true" });
    expect(everywhere.items.map(({ metadata }) => metadata.name)).to.deep.equal(["test-deployment"]);

    const reported = await deployments.patchStatus("test-deployment", { status: { collisionCount: 3 } });
    expect([reported.status?.collisionCount, reported.spec?.replicas]).to.deep.equal([3, 1]);
    const current = await deployments.get("test-deployment");
    const conditions = [{ type: "E2E", status: "True", reason: "E2E", message: "Set from an e2e test" }];
    await eventually(async () => {
      const fresh = await deployments.get("test-deployment");
      await deployments.updateStatus({ ...fresh, status: { ...current.status, conditions } } as typeof fresh);
    });
    await changes.until("MODIFIED", (object) => JSON.stringify(at(object, "status", "conditions")).includes("E2E"));
    await deployments.deleteCollection({}, { labelSelector: "test-deployment-static=true" });
    await changes.until("DELETED");
    await changes.close();
  });

  it("[sig-apps] ReplicationController should test the lifecycle of a ReplicationController [Conformance]", async () => {
    await api.namespace("life-rc");
    const controllers = api.client.replicationcontrollers("life-rc");
    const labels = { "test-rc-static": "true" };
    const changes = await watching("/api/v1/namespaces/life-rc/replicationcontrollers", controllers);
    await controllers.create({
      metadata: { name: "rc-test", labels },
      spec: { replicas: 1, selector: labels, template: podTemplate(labels) },
    });
    await changes.until("ADDED");
    const areReady = (replicas: number) =>
      eventually(async () => {
        await runPods("life-rc", "Running");
        expect((await controllers.get("rc-test")).status).to.include({ replicas, readyReplicas: replicas });
      });
    await areReady(1);
    await controllers.patch("rc-test", { metadata: { labels: { "test-rc": "patched" } } });
    await changes.until("MODIFIED", (object) => at(object, "metadata", "labels", "test-rc") === "patched");
    const reported = await controllers.patchStatus("rc-test", { status: { readyReplicas: 0, availableReplicas: 0 } });
    expect(reported.status?.readyReplicas ?? 0).to.equal(0);
    await areReady(1); // the controller knows better
    const scale = controllers.sub<KubeObject & { spec: { replicas: number } }>("rc-test", "scale");
    // Of any version: the controller writes the status meanwhile.
    const present = await scale.get();
    const metadata = { ...present.metadata, resourceVersion: "" };
    const scaled = await scale.update({ ...present, metadata, spec: { replicas: 2 } });
    expect(scaled.spec.replicas).to.equal(2);
    await areReady(2);
    await eventually(async () => {
      const present = await controllers.get("rc-test");
      await controllers.update({ ...present, spec: { ...present.spec, replicas: 1 } });
    });
    await changes.until("MODIFIED", (object) => at(object, "spec", "replicas") === 1);
    const everywhere = await api.client.replicationcontrollers().list({ labelSelector: "test-rc-static=true" });
    expect(everywhere.items).to.have.length(1);
    await controllers.deleteCollection({}, { labelSelector: "test-rc-static=true" });
    await changes.until("DELETED");
    await changes.close();
  });

  it("[sig-apps] Job should manage the lifecycle of a job [Conformance]", async () => {
    await api.namespace("life-job");
    const jobs = api.client.jobs("life-job");
    const changes = await watching("/apis/batch/v1/namespaces/life-job/jobs", jobs);
    await jobs.create({
      metadata: { name: "e2e-job", labels: { "e2e-job-label": "e2e" } },
      spec: { suspend: true, parallelism: 2, completions: 2, template: podTemplate({ job: "e2e" }, "Never") },
    });
    await changes.until("ADDED");
    await changes.until("MODIFIED", (object) => JSON.stringify(at(object, "status")).includes('"Suspended"'));
    await jobs.patch("e2e-job", { metadata: { labels: { "e2e-job": "patched" } } });
    await changes.until("MODIFIED", (object) => at(object, "metadata", "labels", "e2e-job") === "patched");
    await eventually(async () => {
      const present = await jobs.get("e2e-job");
      const annotations = { ...present.metadata.annotations, updated: "true" };
      await jobs.update({
        ...present,
        metadata: { ...present.metadata, annotations },
        spec: { ...present.spec, suspend: false },
      });
    });
    await changes.until("MODIFIED", (object) => at(object, "metadata", "annotations", "updated") === "true");
    const everywhere = await api.client.jobs().list({ labelSelector: "e2e-job=patched" });
    expect(everywhere.items.map(({ metadata }) => metadata.name)).to.deep.equal(["e2e-job"]);
    await eventually(async () => {
      await runPods("life-job", "Succeeded");
      const { status } = await jobs.get("e2e-job");
      expect(status?.conditions?.map(({ type, status: value }) => `${type} ${value}`)).to.include("Complete True");
      expect(status?.succeeded).to.equal(2);
    });
    await jobs.deleteCollection({ propagationPolicy: "Background" }, { labelSelector: "e2e-job=patched" });
    await changes.until("DELETED");
    await changes.close();
    await eventually(async () => expect((await api.client.pods("life-job").list()).items).to.have.length(0));
  });
});
