import { expect } from "chai";
import { at, openTestServer, podOf, type TestServer } from "./open-test-server.ts";

const pods = "/api/v1/namespaces/default/pods";
const merge = { "content-type": "application/merge-patch+json" };
const labelled = { selector: { matchLabels: { app: "a" } }, template: { metadata: { labels: { app: "a" } } } };
const workload = { ...labelled, template: { ...labelled.template, spec: { containers: [{ name: "c", image: "i" }] } } };

describe("metadata.generation", () => {
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
  });
  after(() => api.close());

  const generation = (json: unknown) => at(json, "metadata", "generation");
  const patch = async (path: string, body: object) => generation((await api.send("PATCH", path, body, merge)).json);

  it("of a pod stays when it is bound or reports, and moves with its spec and its deletion", async () => {
    await api.send("POST", pods, podOf("p"));
    await api.send("POST", `${pods}/p/binding`, { metadata: { name: "p" }, target: { kind: "Node", name: "n1" } });
    expect(
      await patch(`${pods}/p/status`, { status: { phase: "Running" }, metadata: { labels: { x: "y" } } }),
    ).to.equal(1);
    expect(await patch(`${pods}/p`, { metadata: { annotations: { a: "b" } } })).to.equal(1);
    expect(await patch(`${pods}/p`, { spec: { activeDeadlineSeconds: 9 } })).to.equal(2);
    expect(generation((await api.send("DELETE", `${pods}/p`)).json)).to.equal(3);
  });

  it("of a deployment counts annotations, too", async () => {
    const path = "/apis/apps/v1/namespaces/default/deployments";
    await api.send("POST", path, { metadata: { name: "d" }, spec: workload });
    expect(await patch(`${path}/d`, { metadata: { labels: { a: "b" } } })).to.equal(1);
    expect(await patch(`${path}/d`, { metadata: { annotations: { a: "b" } } })).to.equal(2);
    expect(
      await patch(`${path}/d/status`, { status: { replicas: 1 }, metadata: { annotations: { a: "c" } } }),
    ).to.equal(2);
    expect(await patch(`${path}/d`, { spec: { paused: true } })).to.equal(3);
  });

  it("of an endpoint slice counts labels, too", async () => {
    const path = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
    await api.send("POST", path, { metadata: { name: "s" }, addressType: "IPv4", endpoints: [] });
    expect(await patch(`${path}/s`, { metadata: { annotations: { a: "b" } } })).to.equal(1);
    expect(await patch(`${path}/s`, { metadata: { labels: { a: "b" } } })).to.equal(2);
    expect(await patch(`${path}/s`, { endpoints: [{ addresses: ["10.0.0.1"] }] })).to.equal(3);
  });

  it("is not kept for kinds without a wish", async () => {
    const { json } = await api.send("POST", "/api/v1/namespaces/default/configmaps", { metadata: { name: "m" } });
    expect(generation(json)).to.equal(undefined);
  });
});
