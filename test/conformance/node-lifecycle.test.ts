import { expect } from "chai";
import { at, type Json, watchEvents } from "../integration/apiserver/open-test-server.ts";
import { nextIs, succeed } from "./check-operations.ts";
import { type Api, openApi } from "./open-api.ts";

const mergePatch = { "content-type": "application/merge-patch+json" };
const strategicPatch = { "content-type": "application/strategic-merge-patch+json" };

describe("conformance: the lifecycles of nodes, pods and volumes", () => {
  let api: Api;
  before(async () => {
    api = await openApi();
  });
  after(() => api.close());

  async function watchFromNow(path: string, selector: string) {
    const list = await succeed(api, 200, "GET", `${path}?${selector}`);
    const query = `watch=true&${selector}&resourceVersion=${at(list, "metadata", "resourceVersion")}`;
    return watchEvents(api.transport, `${path}?${query}`, AbortSignal.timeout(10_000));
  }
  const labelled = (object: Json, labels: Record<string, string>) => ({
    ...object,
    metadata: { ...(at(object, "metadata") as object), labels },
  });

  it("[sig-node] Node Lifecycle should run through the lifecycle of a node [Conformance]", async () => {
    const nodes = "/api/v1/nodes";
    const selector = "labelSelector=e2e-node-label%3Dlife";
    const events = await watchFromNow(nodes, selector);
    const labels = { "e2e-node-label": "life" };
    const capacity = { cpu: "10", memory: "10", pods: "10" };
    const status = {
      capacity,
      phase: "Running",
      conditions: [{ type: "Ready", status: "True", reason: "", message: "" }],
    };
    await succeed(api, 201, "POST", nodes, { metadata: { name: "e2e-fake-node", labels }, status });
    await nextIs(events, "ADDED", "e2e-fake-node");
    const read = await succeed(api, 200, "GET", `${nodes}/e2e-fake-node`);
    expect(at(read, "status", "capacity")).to.deep.equal(capacity);

    await succeed(
      api,
      200,
      "PATCH",
      `${nodes}/e2e-fake-node`,
      { metadata: { labels: { patched: "true" } } },
      strategicPatch,
    );
    const patched = await nextIs(events, "MODIFIED", "e2e-fake-node");
    expect(at(patched, "metadata", "labels", "patched")).to.equal("true");
    await succeed(api, 200, "PUT", `${nodes}/e2e-fake-node`, labelled(patched, { ...labels, updated: "true" }));
    await nextIs(events, "MODIFIED", "e2e-fake-node");
    const condition = { type: "E2E", status: "True", reason: "E2E", message: "Set from an e2e test" };
    const path = `${nodes}/e2e-fake-node/status`;
    const reported = await succeed(api, 200, "PATCH", path, { status: { conditions: [condition] } }, strategicPatch);
    expect((at(reported, "status", "conditions") as { type: string }[]).map(({ type }) => type)).to.have.members([
      "Ready",
      "E2E",
    ]);
    await nextIs(events, "MODIFIED", "e2e-fake-node");
    await succeed(api, 200, "DELETE", `${nodes}?${selector}`);
    await nextIs(events, "DELETED", "e2e-fake-node");
    await events.return(undefined);
  });

  it("[sig-node] Pods should run through the lifecycle of Pods and PodStatus [Conformance]", async () => {
    await api.namespace("life-pods");
    const pods = "/api/v1/namespaces/life-pods/pods";
    const selector = "labelSelector=test-pod-static%3Dtrue";
    const events = await watchFromNow(pods, selector);
    const spec = { terminationGracePeriodSeconds: 1, containers: [{ name: "agnhost", image: "agnhost:1" }] };
    await succeed(api, 201, "POST", pods, {
      metadata: { name: "pod-test", labels: { "test-pod-static": "true" } },
      spec,
    });
    await nextIs(events, "ADDED", "pod-test");
    const patch = {
      metadata: { labels: { "test-pod": "patched" } },
      spec: { containers: [{ name: "agnhost", image: "agnhost:2" }] },
    };
    await succeed(api, 200, "PATCH", `${pods}/pod-test`, patch, strategicPatch);
    const patched = await nextIs(events, "MODIFIED", "pod-test");
    expect(at(patched, "spec", "containers", 0, "image")).to.equal("agnhost:2");

    const present = await succeed(api, 200, "GET", `${pods}/pod-test/status`);
    const conditions = [
      { type: "Ready", status: "False" },
      { type: "TestConditionType", status: "True" },
    ];
    const status = { ...(at(present, "status") as object), phase: "Running", conditions };
    const updated = await succeed(api, 200, "PUT", `${pods}/pod-test/status`, { ...present, status });
    expect(at(updated, "status", "phase")).to.equal("Running");
    await nextIs(events, "MODIFIED", "pod-test");
    const merged = { status: { conditions: [{ type: "Ready", status: "True" }] } };
    const reported = await succeed(api, 200, "PATCH", `${pods}/pod-test/status`, merged, strategicPatch);
    const states = (at(reported, "status", "conditions") as { type: string; status: string }[]).map(
      (one) => `${one.type} ${one.status}`,
    );
    expect(states).to.have.members(["Ready True", "TestConditionType True"]);
    await nextIs(events, "MODIFIED", "pod-test");

    const everywhere = await succeed(api, 200, "GET", `/api/v1/pods?${selector}`);
    expect(at(everywhere, "items")).to.have.length(1);
    await succeed(api, 200, "DELETE", `${pods}?${selector}&gracePeriodSeconds=0`);
    await nextIs(events, "DELETED", "pod-test");
    await events.return(undefined);
  });

  it("[sig-storage] PersistentVolumes CSI Conformance should run through the lifecycle of a PV and a PVC [Conformance]", async () => {
    await api.namespace("life-volumes");
    const selector = "labelSelector=e2e-pv-pool%3Dlife";
    const labels = { "e2e-pv-pool": "life" };
    const volumes = "/api/v1/persistentvolumes";
    const claims = "/api/v1/namespaces/life-volumes/persistentvolumeclaims";
    const accessModes = ["ReadWriteOnce"];
    const create = async () => {
      await succeed(api, 201, "POST", volumes, {
        metadata: { name: "e2e-life", labels },
        spec: {
          capacity: { storage: "1Gi" },
          accessModes,
          storageClassName: "e2e-life",
          csi: { driver: "e2e.example.com", volumeHandle: "e2e" },
        },
      });
      await succeed(api, 201, "POST", claims, {
        metadata: { name: "e2e-life", labels },
        spec: { accessModes, storageClassName: "e2e-life", resources: { requests: { storage: "1Gi" } } },
      });
    };
    const count = async (path: string) =>
      (at(await succeed(api, 200, "GET", `${path}?${selector}`), "items") as object[]).length;
    await create();
    expect([await count(volumes), await count(claims)]).to.deep.equal([1, 1]);
    for (const path of [`${volumes}/e2e-life`, `${claims}/e2e-life`]) {
      const patched = await succeed(api, 200, "PATCH", path, { metadata: { labels: { patched: "true" } } }, mergePatch);
      expect(at(await succeed(api, 200, "GET", path), "metadata", "labels")).to.deep.equal(
        at(patched, "metadata", "labels"),
      );
    }
    await remove(`${claims}/e2e-life`);
    await remove(`${volumes}/e2e-life`);
    expect([await count(volumes), await count(claims)]).to.deep.equal([0, 0]);

    await create();
    for (const path of [`${volumes}/e2e-life`, `${claims}/e2e-life`]) {
      const present = await succeed(api, 200, "GET", path);
      const updated = await succeed(api, 200, "PUT", path, labelled(present, { ...labels, updated: "true" }));
      expect(at(updated, "metadata", "labels", "updated")).to.equal("true");
    }
    for (const path of [claims, volumes]) {
      await succeed(api, 200, "DELETE", `${path}?${selector}`);
      await release(`${path}/e2e-life`);
      expect(await count(path)).to.equal(0);
    }
  });

  async function remove(path: string): Promise<void> {
    await succeed(api, 200, "DELETE", path);
    await release(path);
    await succeed(api, 404, "GET", path);
  }

  /** Storage in use is protected by finalizers, which a controller would take away here. */
  async function release(path: string): Promise<void> {
    if ((await api.send("GET", path)).status === 404) return;
    await succeed(api, 200, "PATCH", path, { metadata: { finalizers: null } }, mergePatch);
  }
});
