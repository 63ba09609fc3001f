import { expect } from "chai";
import { at, openTestServer, type TestServer, watchEvents } from "../apiserver/open-test-server.ts";
import { rolloutDefinition } from "./definitions.ts";
import { definitions, establish, until } from "./establish.ts";

const rollouts = "/apis/ship.example.com/v1/namespaces/default/rollouts";
const merge = { "content-type": "application/merge-patch+json" };
const apply = { "content-type": "application/apply-patch+yaml" };

const rollout = (name: string, spec: object = {}) => ({
  apiVersion: "ship.example.com/v1",
  kind: "Rollout",
  metadata: { name },
  spec,
});

describe("custom resources", () => {
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
    await establish(api, rolloutDefinition());
  });
  after(() => api.close());

  it("reports the conditions and names of a definition", async () => {
    const { json } = await api.send("GET", `${definitions}/rollouts.ship.example.com`);
    expect(at(json, "status", "acceptedNames")).to.deep.equal({
      plural: "rollouts",
      singular: "rollout",
      shortNames: ["ro"],
      kind: "Rollout",
      listKind: "RolloutList",
      categories: ["all"],
    });
    expect(at(json, "status", "storedVersions")).to.deep.equal(["v1"]);
    const conditions = at(json, "status", "conditions") as { type: string; reason: string }[];
    expect(conditions.map(({ type, reason }) => `${type} ${reason}`)).to.deep.equal([
      "NamesAccepted NoConflicts",
      "Established InitialNamesAccepted",
    ]);
  });

  it("defaults, prunes and keeps what the schema says", async () => {
    const spec = { surge: "25%", values: { a: { b: 1 } }, extra: 1, note: null, ports: [{ name: "http" }], tier: null };
    const { status, json, headers } = await api.send("POST", rollouts, rollout("shaped", spec));
    expect(status, JSON.stringify(json)).to.equal(201);
    expect(headers["warning"]).to.contain('unknown field \\"spec.extra\\"');
    expect(at(json, "spec")).to.deep.equal({
      surge: "25%",
      values: { a: { b: 1 } },
      note: null,
      ports: [{ name: "http", port: 80 }],
      replicas: 1,
      maxReplicas: 8,
      tier: "web",
    });
    expect(at(json, "metadata", "generation")).to.equal(1);
  });

  it("refuses unknown fields of strict requests", async () => {
    const { status, json } = await api.send("POST", `${rollouts}?fieldValidation=Strict`, rollout("s", { extra: 1 }));
    expect(status).to.equal(400);
    expect(at(json, "message")).to.equal(
      'Rollout in version "v1" cannot be handled as a Rollout: strict decoding error: unknown field "spec.extra"',
    );
  });

  it("finds what is wrong in upstream's words", async () => {
    const cases: [object, string][] = [
      [{ replicas: 11 }, "spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal to 10"],
      [
        { replicas: "a" },
        'spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string"',
      ],
      [{ tier: "x" }, 'spec.tier: Unsupported value: "x": supported values: "web", "db"'],
      [{ note: "A" }, "spec.note: Invalid value: \"A\": spec.note in body should match '^[a-z ]*$'"],
      [{ until: "soon" }, 'spec.until: Invalid value: "soon": spec.until in body must be of type date-time: "soon"'],
      [{ zones: ["a", "a"] }, 'spec.zones[1]: Duplicate value: "a"'],
      [{ ports: [{}] }, "spec.ports[0].name: Required value"],
      [{ template: {} }, "spec.template.apiVersion: Required value: must not be empty"],
      [{ replicas: 9 }, 'spec.replicas: Invalid value: "object": replicas 9 above 8'],
      [{ ports: [{ name: "s", port: 22 }] }, "spec: Forbidden: port 22 is not allowed"],
    ];
    for (const [spec, expected] of cases) {
      const { status, json } = await api.send("POST", rollouts, rollout("wrong", spec));
      expect(status).to.equal(422);
      expect(at(json, "message")).to.contain(expected);
    }
    const { json } = await api.send("POST", rollouts, { ...rollout("x"), spec: undefined });
    expect(at(json, "message")).to.equal(
      'Rollout.ship.example.com "x" is invalid: [spec: Required value, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
    );
  });

  it("holds rules about changes against updates alone", async () => {
    await api.send("POST", rollouts, rollout("fixed"));
    const { json } = await api.send("PATCH", `${rollouts}/fixed`, { spec: { tier: "db" } }, merge);
    expect(at(json, "message")).to.contain('spec.tier: Invalid value: "string": tier is immutable');
    const { status } = await api.send("PATCH", `${rollouts}/fixed`, { spec: { replicas: 3 } }, merge);
    expect(status).to.equal(200);
  });

  it("merges lists of type map by their keys on apply, and names managers in conflicts", async () => {
    const body = (ports: object[]) => rollout("applied", { ports });
    const path = (manager: string) => `${rollouts}/applied?fieldManager=${manager}`;
    await api.send("PATCH", path("one"), body([{ name: "http", port: 80 }]), apply);
    const { json } = await api.send("PATCH", path("two"), body([{ name: "admin", port: 81 }]), apply);
    expect(at(json, "spec", "ports")).to.deep.equal([
      { name: "http", port: 80 },
      { name: "admin", port: 81 },
    ]);
    const conflict = await api.send("PATCH", path("two"), body([{ name: "http", port: 8080 }]), apply);
    expect(conflict.status).to.equal(409);
    expect(at(conflict.json, "message")).to.contain('conflict with "one": .spec.ports[name="http"].port');
  });

  it("refuses strategic merge patches", async () => {
    const strategic = { "content-type": "application/strategic-merge-patch+json" };
    expect((await api.send("PATCH", `${rollouts}/fixed`, {}, strategic)).status).to.equal(415);
  });

  it("keeps status and spec apart, and scales", async () => {
    await api.send("POST", rollouts, { ...rollout("parts"), status: { replicas: 7 } });
    const status = { status: { replicas: 2, selector: "a=b" }, spec: { replicas: 9 } };
    const { json } = await api.send("PATCH", `${rollouts}/parts/status`, status, merge);
    expect(at(json, "spec", "replicas")).to.equal(1);
    expect(at(json, "metadata", "generation")).to.equal(1);
    const scaled = await api.send("PATCH", `${rollouts}/parts/scale`, { spec: { replicas: 4 } }, merge);
    expect(at(scaled.json, "spec")).to.deep.equal({ replicas: 4 });
    expect(at(scaled.json, "status")).to.deep.equal({ replicas: 2, selector: "a=b" });
  });

  it("selects by fields, shows columns, and lists items with their kinds", async () => {
    const { json } = await api.send("GET", `${rollouts}?fieldSelector=spec.tier%3Ddb`);
    expect(at(json, "items")).to.deep.equal([]);
    const all = await api.send("GET", rollouts);
    expect(at(all.json, "kind")).to.equal("RolloutList");
    expect(at(all.json, "items", 0)).to.include({ kind: "Rollout", apiVersion: "ship.example.com/v1" });
    const accept = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
    const table = await api.send("GET", `${rollouts}/fixed`, undefined, accept);
    const names = (at(table.json, "columnDefinitions") as { name: string }[]).map(({ name }) => name);
    expect(names).to.deep.equal(["Name", "Wanted", "Ready", "Age"]);
    expect(at(table.json, "rows", 0, "cells", 1)).to.equal(3);
  });

  it("appears in discovery and OpenAPI", async () => {
    const list = await api.send("GET", "/apis/ship.example.com/v1");
    const names = (at(list.json, "resources") as { name: string }[]).map(({ name }) => name);
    expect(names).to.deep.equal(["rollouts", "rollouts/scale", "rollouts/status"]);
    const accept = { accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" };
    const all = await api.send("GET", "/apis", undefined, accept);
    expect(JSON.stringify(all.json)).to.contain('"resource":"rollouts"');
    const v3 = await api.send("GET", "/openapi/v3/apis/ship.example.com/v1");
    const schema = at(v3.json, "components", "schemas", "com.example.ship.v1.Rollout");
    expect(at(schema, "properties", "spec", "properties", "replicas", "maximum")).to.equal(10);
    const v2 = await api.send("GET", "/openapi/v2");
    expect(at(v2.json, "definitions")).to.have.property("com.example.ship.v1.Rollout");
  });

  it("watches objects and ends the watches of a definition that goes, emptied of its objects", async () => {
    const name = "things.watch.example.com";
    const spec = {
      group: "watch.example.com",
      names: { plural: "things", kind: "Thing" },
      scope: "Cluster",
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
    };
    await establish(api, { metadata: { name }, spec });
    await api.send("POST", "/apis/watch.example.com/v1/things", { metadata: { name: "a" } });
    const stop = new AbortController();
    const events = watchEvents(api.transport, "/apis/watch.example.com/v1/things?watch=true", stop.signal);
    expect((await events.next()).value).to.include({ type: "ADDED" });
    await api.send("DELETE", `${definitions}/${name}`);
    expect((await events.next()).value).to.include({ type: "DELETED" });
    expect((await events.next()).done).to.equal(true);
    await until(
      () => api.send("GET", `${definitions}/${name}`),
      ({ status }) => status === 404,
    );
    expect((await api.send("GET", "/apis/watch.example.com/v1/things")).status).to.equal(404);
    expect((await api.send("GET", "/apis/watch.example.com/v1")).status).to.equal(404);
  });

  it("gives no name twice within a group", async () => {
    const names = { plural: "others", kind: "Rollout" };
    const { metadata, spec } = rolloutDefinition() as { metadata: object; spec: { versions: object[] } };
    const definition = { metadata: { ...metadata, name: "others.ship.example.com" }, spec: { ...spec, names } };
    await api.send("POST", definitions, definition);
    const { json } = await until(
      () => api.send("GET", `${definitions}/others.ship.example.com`),
      (answer) => JSON.stringify(answer.json).includes("NamesAccepted"),
    );
    const [accepted, established] = at(json, "status", "conditions") as { reason: string; message: string }[];
    expect(accepted).to.include({ reason: "ListKindConflict", message: '"RolloutList" is already in use' });
    expect(established).to.include({ reason: "NotAccepted" });
  });

  it("refuses definitions that are not structural", async () => {
    const schema = { type: "object", properties: { spec: { properties: { a: { type: "string" } } } } };
    const versions = [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }];
    const { json } = await api.send("POST", definitions, rolloutDefinition({ versions }));
    expect(at(json, "message")).to.contain(
      "spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields",
    );
  });

  it("changes the schema of what is served", async () => {
    const patch = [
      {
        op: "replace",
        path: "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/replicas/maximum",
        value: 2,
      },
    ];
    const headers = { "content-type": "application/json-patch+json" };
    const answer = await api.send("PATCH", `${definitions}/rollouts.ship.example.com`, patch, headers);
    expect(answer.status, JSON.stringify(answer.json)).to.equal(200);
    await until(
      () => api.send("POST", `${rollouts}?dryRun=All`, rollout("late", { replicas: 3 })),
      ({ status }) => status === 422,
    );
    // What was there before may be changed elsewhere.
    const kept = await api.send("PATCH", `${rollouts}/fixed`, { spec: { note: "still here" } }, merge);
    expect(kept.status, JSON.stringify(kept.json)).to.equal(200);
  });
});
