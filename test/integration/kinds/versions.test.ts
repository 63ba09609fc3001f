import { expect } from "chai";
import { at, openTestServer, type TestServer } from "../apiserver/open-test-server.ts";

const applyPatch = { "content-type": "application/apply-patch+yaml" };
const v1 = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
const v2 = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
const events = "/apis/events.k8s.io/v1/namespaces/default/events";

describe("kinds in a version that is not the stored one", () => {
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
  });
  after(() => api.close());

  const managers = (json: object) =>
    (at(json, "metadata", "managedFields") as { manager: string; apiVersion: string; operation: string }[]).map(
      ({ manager, apiVersion, operation }) => `${manager} ${operation} ${apiVersion}`,
    );

  it("are applied by that version's fields, and keep what the version cannot say", async () => {
    const target = { apiVersion: "apps/v1", kind: "Deployment", name: "d" };
    const memory = {
      type: "Resource",
      resource: { name: "memory", target: { type: "Utilization", averageUtilization: 70 } },
    };
    await api.send("POST", `${v2}?fieldManager=maker`, {
      metadata: { name: "h" },
      spec: { scaleTargetRef: target, maxReplicas: 3, metrics: [memory] },
    });
    const applied = await api.send(
      "PATCH",
      `${v1}/h?fieldManager=applier&force=true`,
      {
        apiVersion: "autoscaling/v1",
        kind: "HorizontalPodAutoscaler",
        metadata: { name: "h" },
        spec: { scaleTargetRef: target, maxReplicas: 5, targetCPUUtilizationPercentage: 60 },
      },
      applyPatch,
    );
    expect(applied.status, applied.bytes.toString()).to.equal(200);
    expect(at(applied.json, "spec", "targetCPUUtilizationPercentage")).to.equal(60);
    expect(managers(applied.json)).to.include("applier Apply autoscaling/v1");
    const { json } = await api.send("GET", `${v2}/h`);
    const names = (at(json, "spec", "metrics") as object[]).map((metric) => at(metric, "resource", "name"));
    expect(names).to.have.members(["cpu", "memory"]);
    expect(at(json, "spec", "maxReplicas")).to.equal(5);
  });

  it("record who wrote in which version", async () => {
    const event = {
      metadata: { name: "e" },
      eventTime: "2026-01-01T00:00:00.000000Z",
      type: "Normal",
      action: "Look",
      reason: "Seen",
      reportingController: "test.io/watcher",
      reportingInstance: "one",
      regarding: { kind: "Pod", name: "p", namespace: "default" },
      note: "there it is",
    };
    const created = await api.send("POST", `${events}?fieldManager=watcher`, event);
    expect(managers(created.json)).to.deep.equal(["watcher Update events.k8s.io/v1"]);
    expect(at(created.json, "metadata", "managedFields", 0, "fieldsV1")).to.have.property("f:note");
    const annotated = { apiVersion: "events.k8s.io/v1", kind: "Event", metadata: { annotations: { a: "b" } } };
    const applied = await api.send("PATCH", `${events}/e?fieldManager=other`, annotated, applyPatch);
    expect(applied.status, applied.bytes.toString()).to.equal(200);
    expect(applied.json).to.include({ reportingController: "test.io/watcher", note: "there it is" });
  });

  it("ask of new objects what only they can have", async () => {
    const { status, json } = await api.send("POST", events, {
      metadata: { name: "old" },
      deprecatedCount: 1,
      regarding: { namespace: "default" },
    });
    expect(status).to.equal(422);
    expect(at(json, "details", "causes", 0, "field")).to.equal("eventTime");
    expect(at(json, "message")).to.contain('count: Invalid value: "": needs to be unset');
  });
});

describe("a dry run of a creation", () => {
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
  });
  after(() => api.close());

  it("says when there is such an object, and makes up names as a creation does", async () => {
    const path = "/api/v1/namespaces/default/configmaps";
    await api.send("POST", path, { metadata: { name: "c" } });
    const again = await api.send("POST", `${path}?dryRun=All`, { metadata: { name: "c" } });
    expect([again.status, at(again.json, "reason")]).to.deep.equal([409, "AlreadyExists"]);
    const made = await api.send("POST", `${path}?dryRun=All`, { metadata: { generateName: "c-" } });
    expect(made.status).to.equal(201);
    expect(at(made.json, "metadata", "name")).to.match(/^c-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect((await api.send("GET", `${path}/${at(made.json, "metadata", "name")}`)).status).to.equal(404);
  });
});
