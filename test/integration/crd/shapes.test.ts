import { expect } from "chai";
import { at, type Json, openTestServer, type TestServer } from "../apiserver/open-test-server.ts";
import { rolloutDefinition } from "./definitions.ts";
import { definitions, establish, until } from "./establish.ts";

const rollouts = "/apis/ship.example.com/v1/namespaces/default/rollouts";
const merge = { "content-type": "application/merge-patch+json" };
const apply = { "content-type": "application/apply-patch+yaml" };
const rollout = (name: string, spec: object = {}) => ({ metadata: { name }, spec });

describe("custom resources in other forms", () => {
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
    await establish(api, rolloutDefinition());
    await api.send("POST", rollouts, rollout("web", { replicas: 2 }));
  });
  after(() => api.close());

  const as = (accept: string) => ({ accept });

  it("are JSON where a client takes protobuf or JSON, and not acceptable where it takes protobuf alone", async () => {
    const protobuf = "application/vnd.kubernetes.protobuf";
    const both = await api.send("GET", rollouts, undefined, as(`${protobuf},application/json`));
    expect(both.headers["content-type"]).to.equal("application/json");
    expect((await api.send("GET", rollouts, undefined, as(protobuf))).status).to.equal(406);
    const sent = await api.send("POST", rollouts, "k8s\0", { "content-type": protobuf });
    expect(sent.status).to.equal(415);
  });

  it("are listed and watched by their metadata alone", async () => {
    const list = await api.send(
      "GET",
      rollouts,
      undefined,
      as("application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"),
    );
    expect(at(list.json, "kind")).to.equal("PartialObjectMetadataList");
    const [item] = at(list.json, "items") as Json[];
    expect(item).to.have.all.keys("kind", "apiVersion", "metadata");
    expect(at(item, "metadata", "name")).to.equal("web");
  });

  it("tell unknown and wrong metadata of resources inside them", async () => {
    const template = (metadata: unknown) =>
      rollout("inner", { template: { apiVersion: "v1", kind: "Pod", metadata, spec: {} } });
    const strict = `${rollouts}?fieldValidation=Strict`;
    const unknown = await api.send("POST", strict, template({ name: "a", nmae: "b" }));
    expect(at(unknown.json, "message")).to.contain(
      'strict decoding error: unknown field "spec.template.metadata.nmae"',
    );
    const wrong = await api.send("POST", rollouts, template({ name: 1 }));
    expect(wrong.status).to.equal(400);
    expect(at(wrong.json, "message")).to.contain('spec.template.metadata: Invalid value: {"name":1}');
    const applied = await api.send("PATCH", `${rollouts}/inner?fieldManager=m`, template({ name: 1 }), apply);
    expect(applied.status, JSON.stringify(applied.json)).to.equal(400);
    const labels = await api.send("POST", rollouts, template({ labels: { "-": "x" } }));
    expect(labels.status).to.equal(422);
    expect(at(labels.json, "message")).to.contain("spec.template.metadata.labels: Invalid value");
  });

  it("are checked where /scale reads", async () => {
    const status = await api.send("PATCH", `${rollouts}/web/status`, { status: { replicas: -1 } }, merge);
    expect(at(status.json, "message")).to.contain(
      ".status.replicas: Invalid value: -1: should be a non-negative integer",
    );
    const scale = await api.send("PATCH", `${rollouts}/web/scale`, { spec: { replicas: 11 } }, merge);
    expect(scale.status).to.equal(422);
    expect(at(scale.json, "message")).to.contain("spec.replicas in body should be less than or equal to 10");
  });

  it("cannot be scaled by what they do not say", async () => {
    const schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
    await establish(api, {
      metadata: { name: "bares.ship.example.com" },
      spec: {
        group: "ship.example.com",
        scope: "Cluster",
        names: { plural: "bares", kind: "Bare" },
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            schema: { openAPIV3Schema: schema },
            subresources: { scale: { specReplicasPath: ".spec.n", statusReplicasPath: ".status.n" } },
          },
        ],
      },
    });
    const bares = "/apis/ship.example.com/v1/bares";
    await api.send("POST", bares, { metadata: { name: "a" } });
    const read = await api.send("GET", `${bares}/a/scale`);
    expect(read.status).to.equal(500);
    expect(at(read.json, "message")).to.contain('the spec replicas field ".spec.n" does not exist');
    const scaled = await api.send("PATCH", `${bares}/a/scale`, { spec: { replicas: 2 } }, merge);
    expect(at(scaled.json, "spec", "replicas"), JSON.stringify(scaled.json)).to.equal(2);
    expect(at((await api.send("GET", `${bares}/a`)).json, "spec")).to.deep.equal({ n: 2 });
  });

  it("warn of rules that they broke before, when they are changed elsewhere", async () => {
    const rules = [
      {
        op: "add",
        path: "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/replicas/x-kubernetes-validations",
        value: [{ rule: "self > 5", message: "more than five" }],
      },
    ];
    const json = { "content-type": "application/json-patch+json" };
    const changed = await api.send("PATCH", `${definitions}/rollouts.ship.example.com`, rules, json);
    expect(changed.status, JSON.stringify(changed.json)).to.equal(200);
    await until(
      () => api.send("POST", `${rollouts}?dryRun=All`, rollout("new", { replicas: 3 })),
      ({ bytes }) => bytes.includes("more than five"),
    );
    const kept = await api.send("PATCH", `${rollouts}/web`, { spec: { note: "hi" } }, merge);
    expect(kept.status, JSON.stringify(kept.json)).to.equal(200);
    expect(kept.headers["warning"]).to.contain('spec.replicas: Invalid value: \\"integer\\": more than five');
  });

  it("of a definition that is going are not created any more", async () => {
    await api.send("PATCH", `${rollouts}/web`, { metadata: { finalizers: ["example.com/hold"] } }, merge);
    await api.send("DELETE", `${definitions}/rollouts.ship.example.com`);
    const { status, json } = await api.send("POST", rollouts, rollout("late"));
    expect(status).to.equal(405);
    expect(at(json, "message")).to.equal("create not allowed while custom resource definition is terminating");
    const offered = await api.send("GET", "/apis/ship.example.com/v1");
    const resources = at(offered.json, "resources") as { name: string; verbs: string[] }[];
    expect(resources.find(({ name }) => name === "rollouts")?.verbs).to.have.members([
      "delete",
      "deletecollection",
      "get",
      "list",
      "watch",
    ]);
    const going = await api.send("GET", `${definitions}/rollouts.ship.example.com`);
    expect(JSON.stringify(at(going.json, "status", "conditions"))).to.contain('"Terminating","status":"True"');
    await api.send("PATCH", `${rollouts}/web`, { metadata: { finalizers: null } }, merge);
    await until(
      () => api.send("GET", `${definitions}/rollouts.ship.example.com`),
      (answer) => answer.status === 404,
    );
  });
});
