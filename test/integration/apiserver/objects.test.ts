import { expect } from "chai";
import { at, openTestServer, podOf, type TestServer } from "./open-test-server.ts";

const pods = "/api/v1/namespaces/default/pods";
const configMaps = "/api/v1/namespaces/default/configmaps";
const merge = { "content-type": "application/merge-patch+json" };

describe("apiserver objects", () => {
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
  });
  after(() => api.close());

  it("stamps and defaults what it creates", async () => {
    const { status, json } = await api.send("POST", pods, podOf("stamped"));
    expect(status).to.equal(201);
    expect(at(json, "metadata")).to.include({ name: "stamped", namespace: "default", generation: 1 });
    expect(at(json, "metadata", "uid")).to.match(/^[0-9a-f-]{36}$/);
    expect(at(json, "spec")).to.include({
      restartPolicy: "Always",
      dnsPolicy: "ClusterFirst",
      serviceAccountName: "default",
    });
    expect(at(json, "status")).to.deep.equal({ phase: "Pending", qosClass: "BestEffort" });
  });

  it("creates at a collection and changes at an object's own path, nowhere else", async () => {
    await api.send("POST", configMaps, { metadata: { name: "there" } });
    for (const [method, path] of [
      ["POST", `${configMaps}/there`],
      ["POST", `${configMaps}/elsewhere`],
      ["PUT", configMaps],
      ["PATCH", configMaps],
    ] as const) {
      const { status, json } = await api.send(method, path, { metadata: { name: "there" } }, merge);
      expect([status, at(json, "reason"), at(json, "message")], `${method} ${path}`).to.deep.equal([
        405,
        "MethodNotAllowed",
        "the server does not allow this method on the requested resource",
      ]);
    }
  });

  it("opens a pod's streams by the methods that are meant for them", async () => {
    await api.send("POST", pods, podOf("streamed"));
    for (const [method, stream] of [
      ["DELETE", "log"],
      ["POST", "log"],
      ["PUT", "exec"],
      ["DELETE", "attach"],
      ["PATCH", "portforward"],
    ] as const) {
      expect((await api.send(method, `${pods}/streamed/${stream}`)).status, `${method} ${stream}`).to.equal(405);
    }
    expect((await api.send("GET", `${pods}/streamed/log`)).status).to.equal(200);
  });

  it("replaces nothing by a body that does not say which object it is", async () => {
    await api.send("POST", configMaps, { metadata: { name: "kept" }, data: { a: "1" } });
    const { status, json } = await api.send("PUT", `${configMaps}/kept`, {});
    expect([status, at(json, "message")]).to.deep.equal([
      400,
      "the name of the object (kept based on URL) was undeterminable: name must be provided",
    ]);
    expect(at((await api.send("GET", `${configMaps}/kept`)).json, "data")).to.deep.equal({ a: "1" });
  });

  it("answers a GET with what a create answered", async () => {
    const created = await api.send("POST", configMaps, { metadata: { name: "same" }, data: { a: "1" } });
    const read = await api.send("GET", `${configMaps}/same`);
    expect(read.json).to.deep.equal(created.json);
  });

  it("refuses a second object of a name", async () => {
    await api.send("POST", configMaps, { metadata: { name: "twice" } });
    const { status, json } = await api.send("POST", configMaps, { metadata: { name: "twice" } });
    expect(status).to.equal(409);
    expect(json).to.include({ reason: "AlreadyExists", message: 'configmaps "twice" already exists' });
  });

  it("generates names", async () => {
    const { json } = await api.send("POST", configMaps, { metadata: { generateName: "some-" } });
    expect(at(json, "metadata", "name")).to.match(/^some-[a-z0-9]{5}$/);
  });

  it("names the field of everything that is wrong", async () => {
    const bad = { metadata: { name: "Bad_Name" }, spec: { containers: [{ name: "c" }] } };
    const { status, json } = await api.send("POST", pods, bad);
    expect(status).to.equal(422);
    const causes = at(json, "details", "causes") as { field: string; reason: string }[];
    expect(causes.map((cause) => cause.field)).to.include.members(["metadata.name", "spec.containers[0].image"]);
  });

  it("answers 404 in upstream's words", async () => {
    const { status, json } = await api.send("GET", `${pods}/none`);
    expect(status).to.equal(404);
    expect(json).to.deep.include({ message: 'pods "none" not found', details: { name: "none", kind: "pods" } });
  });

  it("refuses an update of what was changed meanwhile", async () => {
    const { json } = await api.send("POST", configMaps, { metadata: { name: "raced" }, data: { a: "1" } });
    await api.send("PATCH", `${configMaps}/raced`, { data: { a: "2" } }, merge);
    const { status, json: answer } = await api.send("PUT", `${configMaps}/raced`, { ...json, data: { a: "3" } });
    expect(status).to.equal(409);
    expect(at(answer, "message")).to.equal(
      'Operation cannot be fulfilled on configmaps "raced": the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  it("writes nothing when nothing changes", async () => {
    const { json } = await api.send("POST", configMaps, { metadata: { name: "still" }, data: { a: "1" } });
    const { json: after } = await api.send("PATCH", `${configMaps}/still`, { data: { a: "1" } }, merge);
    expect(at(after, "metadata", "resourceVersion")).to.equal(at(json, "metadata", "resourceVersion"));
  });

  it("carries out every patch of many that come at once", async () => {
    await api.send("POST", configMaps, { metadata: { name: "busy" } });
    const each = Array.from({ length: 20 }, (_, index) =>
      api.send("PATCH", `${configMaps}/busy`, { data: { [`k${index}`]: "v" } }, merge),
    );
    const statuses = (await Promise.all(each)).map((answer) => answer.status);
    expect(new Set(statuses)).to.deep.equal(new Set([200]));
    const { json } = await api.send("GET", `${configMaps}/busy`);
    expect(Object.keys(at(json, "data") as object)).to.have.length(20);
  });

  const patches: [string, string, unknown, unknown][] = [
    ["JSON", "application/json-patch+json", [{ op: "add", path: "/data/b", value: "2" }], { a: "1", b: "2" }],
    ["merge", "application/merge-patch+json", { data: { a: null, b: "2" } }, { b: "2" }],
    ["strategic merge", "application/strategic-merge-patch+json", { data: { b: "2" } }, { a: "1", b: "2" }],
  ];
  for (const [name, type, patch, data] of patches) {
    it(`applies a ${name} patch`, async () => {
      const path = `${configMaps}/patched-${type.split("/")[1]?.split("-")[0]}`;
      await api.send("POST", configMaps, { metadata: { name: path.split("/").pop() }, data: { a: "1" } });
      const { status, json } = await api.send("PATCH", path, patch, { "content-type": type });
      expect(status).to.equal(200);
      expect(at(json, "data")).to.deep.equal(data);
    });
  }

  it("applies on the server, tells who owns what, and who conflicts", async () => {
    const apply = { "content-type": "application/apply-patch+yaml" };
    const wanted = (value: string) =>
      `{apiVersion: v1, kind: ConfigMap, metadata: {name: owned}, data: {a: "${value}"}}`;
    const created = await api.send("PATCH", `${configMaps}/owned?fieldManager=one`, wanted("1"), apply);
    expect(created.status).to.equal(201);
    expect(at(created.json, "metadata", "managedFields", 0)).to.include({ manager: "one", operation: "Apply" });
    const refused = await api.send("PATCH", `${configMaps}/owned?fieldManager=two`, wanted("2"), apply);
    expect(refused.status).to.equal(409);
    expect(at(refused.json, "details", "causes", 0)).to.include({ reason: "FieldManagerConflict", field: ".data.a" });
    const forced = await api.send("PATCH", `${configMaps}/owned?fieldManager=two&force=true`, wanted("2"), apply);
    expect(at(forced.json, "data", "a")).to.equal("2");
  });

  it("stores nothing in a dry run", async () => {
    const { status } = await api.send("POST", `${configMaps}?dryRun=All`, { metadata: { name: "dry" } });
    expect(status).to.equal(201);
    expect((await api.send("GET", `${configMaps}/dry`)).status).to.equal(404);
  });

  it("warns of unknown fields, or refuses them when asked to be strict", async () => {
    const body = { metadata: { name: "odd" }, dta: { a: "1" } };
    const warned = await api.send("POST", configMaps, body);
    expect(warned.headers["warning"]).to.equal('299 - "unknown field \\"dta\\""');
    const refused = await api.send("POST", `${configMaps}?fieldValidation=Strict`, {
      ...body,
      metadata: { name: "o2" },
    });
    expect(refused.status).to.equal(400);
    expect(at(refused.json, "message")).to.contain('strict decoding error: unknown field "dta"');
  });

  it("keeps a placed pod until its grace is over", async () => {
    await api.send("POST", pods, podOf("graceful", { nodeName: "n1" }));
    const marked = await api.send("DELETE", `${pods}/graceful`);
    expect(at(marked.json, "metadata")).to.include({ deletionGracePeriodSeconds: 30 });
    const gone = await api.send("DELETE", `${pods}/graceful?gracePeriodSeconds=0`);
    expect(gone.status).to.equal(200);
    expect((await api.send("GET", `${pods}/graceful`)).status).to.equal(404);
  });

  it("keeps an object until its last finalizer is gone", async () => {
    const path = `${configMaps}/finalized`;
    await api.send("POST", configMaps, { metadata: { name: "finalized", finalizers: ["example.com/f"] } });
    const { json } = await api.send("DELETE", path);
    expect(at(json, "metadata", "deletionTimestamp")).to.be.a("string");
    await api.send("PATCH", path, { metadata: { finalizers: null } }, merge);
    expect((await api.send("GET", path)).status).to.equal(404);
  });

  it("marks for orphaning and for foreground deletion", async () => {
    for (const [policy, finalizer] of [
      ["Orphan", "orphan"],
      ["Foreground", "foregroundDeletion"],
    ]) {
      const name = `marked-${policy?.toLowerCase()}`;
      await api.send("POST", configMaps, { metadata: { name } });
      const { json } = await api.send("DELETE", `${configMaps}/${name}`, { propagationPolicy: policy });
      expect(at(json, "metadata", "finalizers")).to.deep.equal([finalizer]);
    }
  });

  it("deletes only what the preconditions mean", async () => {
    await api.send("POST", configMaps, { metadata: { name: "exact" } });
    const { status, json } = await api.send("DELETE", `${configMaps}/exact`, { preconditions: { uid: "other" } });
    expect(status).to.equal(409);
    expect(at(json, "message")).to.contain("Precondition failed: UID in precondition: other");
  });

  it("counts generations of the spec alone", async () => {
    const deployments = "/apis/apps/v1/namespaces/default/deployments";
    const spec = {
      selector: { matchLabels: { app: "g" } },
      template: { metadata: { labels: { app: "g" } }, spec: { containers: [{ name: "c", image: "i" }] } },
    };
    await api.send("POST", deployments, { metadata: { name: "gen" }, spec });
    const labelled = await api.send("PATCH", `${deployments}/gen`, { metadata: { labels: { a: "b" } } }, merge);
    expect(at(labelled.json, "metadata", "generation")).to.equal(1);
    const scaled = await api.send("PATCH", `${deployments}/gen/scale`, { spec: { replicas: 4 } }, merge);
    expect(scaled.json).to.deep.include({ spec: { replicas: 4 }, status: { replicas: 0, selector: "app=g" } });
    const status = await api.send(
      "PATCH",
      `${deployments}/gen/status`,
      { spec: { replicas: 9 }, status: { replicas: 4 } },
      merge,
    );
    expect(at(status.json, "metadata", "generation")).to.equal(2);
    expect(at(status.json, "spec", "replicas")).to.equal(4);
  });

  it("binds a pod once", async () => {
    await api.send("POST", pods, podOf("bound"));
    const binding = { metadata: { name: "bound" }, target: { kind: "Node", name: "n1" } };
    expect((await api.send("POST", `${pods}/bound/binding`, binding)).status).to.equal(201);
    const { json } = await api.send("GET", `${pods}/bound`);
    expect(at(json, "spec", "nodeName")).to.equal("n1");
    expect(at(json, "status", "conditions", 0)).to.include({ type: "PodScheduled", status: "True" });
    expect((await api.send("POST", `${pods}/bound/binding`, binding)).status).to.equal(409);
  });

  it("lets a namespace go only when it is finalized", async () => {
    await api.send("POST", "/api/v1/namespaces", { metadata: { name: "going" } });
    await api.send("DELETE", "/api/v1/namespaces/going");
    const { json } = await api.send("GET", "/api/v1/namespaces/going");
    expect(at(json, "status", "phase")).to.equal("Terminating");
    await api.send("PUT", "/api/v1/namespaces/going/finalize", { ...json, spec: { finalizers: [] } });
    expect((await api.send("GET", "/api/v1/namespaces/going")).status).to.equal(404);
  });

  it("shows one event in both groups", async () => {
    const event = {
      metadata: { name: "e1", namespace: "default" },
      involvedObject: { kind: "Pod", name: "p", namespace: "default" },
      reason: "Started",
      message: "it runs",
    };
    await api.send("POST", "/api/v1/namespaces/default/events", event);
    const { json } = await api.send("GET", "/apis/events.k8s.io/v1/namespaces/default/events/e1");
    expect(json).to.include({ apiVersion: "events.k8s.io/v1", kind: "Event", note: "it runs" });
    expect(at(json, "regarding")).to.include({ kind: "Pod", name: "p" });
  });

  it("refuses bodies that are too large", async () => {
    const data = { a: "x".repeat(3 * 1024 * 1024) };
    const { status, json } = await api.send("POST", configMaps, { metadata: { name: "huge" }, data });
    expect(status).to.equal(413);
    expect(at(json, "reason")).to.equal("RequestEntityTooLarge");
  });
});
