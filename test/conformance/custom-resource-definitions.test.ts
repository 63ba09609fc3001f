import { expect } from "chai";
import { at, type Json, watchEvents } from "../integration/apiserver/open-test-server.ts";
import { definitions, establish, until } from "../integration/crd/establish.ts";
import { nextIs, succeed } from "./check-operations.ts";
import { type Api, openApi } from "./open-api.ts";

const jsonPatch = { "content-type": "application/json-patch+json" };
const withinMs = 15_000;
const group = "mygroup.example.com";
const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

interface Wanted {
  readonly labels?: Readonly<Record<string, string>>;
  readonly schema?: object;
}

/** A definition of a cluster's kind of its own for each test. */
function randomDefinition(suffix: string, { labels = {}, schema = anything }: Wanted = {}) {
  const names = {
    plural: `foo${suffix}as`,
    singular: `foo${suffix}a`,
    kind: `Foo${suffix}a`,
    listKind: `Foo${suffix}aList`,
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${names.plural}.${group}`, labels },
    spec: {
      group,
      names,
      scope: "Cluster",
      versions: [{ name: "v1beta1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
}

describe("conformance: custom resource definitions", () => {
  let api: Api;
  before(async () => {
    api = await openApi();
  });
  after(() => api.close());

  const gone = (name: string) =>
    until(
      () => api.send("GET", `${definitions}/${name}`),
      ({ status }) => status === 404,
    );

  it("[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition creating/deleting custom resource definition objects works [Conformance]", async () => {
    const definition = randomDefinition("one");
    await establish(api, definition);
    await succeed(api, 200, "GET", `/apis/${group}/v1beta1/${definition.spec.names.plural}`);
    await succeed(api, 200, "DELETE", `${definitions}/${definition.metadata.name}`);
    await gone(definition.metadata.name);
  });

  it("[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition listing custom resource definition objects works [Conformance]", async () => {
    const labels = { "e2e-list-test-uuid": "0d9b" };
    const labelled = Array.from({ length: 10 }, (_, index) => randomDefinition(`list${index}`, { labels }));
    const other = randomDefinition("unlabelled");
    for (const definition of [...labelled, other]) await establish(api, definition);
    const query = "?labelSelector=e2e-list-test-uuid%3D0d9b";
    const items = at(await succeed(api, 200, "GET", definitions + query), "items") as Json[];
    expect(items.map((item) => at(item, "metadata", "name"))).to.deep.equal(
      labelled.map(({ metadata }) => metadata.name).sort(),
    );
    for (const { metadata, spec } of labelled) {
      const found = items.find((item) => at(item, "metadata", "name") === metadata.name);
      expect(at(found, "spec")).to.deep.equal({ ...spec, conversion: { strategy: "None" } });
    }
    await succeed(api, 200, "DELETE", definitions + query);
    await until(
      () => api.send("GET", definitions + query),
      ({ json }) => (at(json, "items") as Json[]).length === 0,
    );
    await succeed(api, 200, "GET", `${definitions}/${other.metadata.name}`);
  });

  it("[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition getting/updating/patching custom resource definition status sub-resource works [Conformance]", async () => {
    const definition = randomDefinition("status");
    await establish(api, definition);
    const path = `${definitions}/${definition.metadata.name}/status`;
    const read = await succeed(api, 200, "GET", path);
    const conditions = at(read, "status", "conditions") as object[];
    const updated = { message: "updated", type: "", status: "" };
    const status = { ...(at(read, "status") as object), conditions: [...conditions, updated] };
    const put = await succeed(api, 200, "PUT", path, { ...read, status });
    expect(at(put, "status", "conditions")).to.deep.include({ ...updated, lastTransitionTime: null });
    const patch = [{ op: "add", path: "/status/conditions", value: [{ message: "patched" }] }];
    const patched = await succeed(api, 200, "PATCH", path, patch, jsonPatch);
    expect(at(patched, "status", "conditions")).to.deep.include({
      ...updated,
      message: "patched",
      lastTransitionTime: null,
    });
    expect(at(patched, "spec")).to.deep.equal(at(read, "spec"));
  });

  it("[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] should include custom resource definition resources in discovery documents [Conformance]", async () => {
    const wanted = { groupVersion: "apiextensions.k8s.io/v1", version: "v1" };
    const groups = at(await succeed(api, 200, "GET", "/apis"), "groups") as Json[];
    const found = groups.find((one) => at(one, "name") === "apiextensions.k8s.io");
    expect(at(found, "versions")).to.deep.include(wanted);
    const own = await succeed(api, 200, "GET", "/apis/apiextensions.k8s.io");
    expect(at(own, "name")).to.equal("apiextensions.k8s.io");
    expect(at(own, "versions")).to.deep.include(wanted);
    const list = await succeed(api, 200, "GET", "/apis/apiextensions.k8s.io/v1");
    expect(at(list, "groupVersion")).to.equal("apiextensions.k8s.io/v1");
    const names = (at(list, "resources") as Json[]).map((one) => at(one, "name"));
    expect(names).to.include.members(["customresourcedefinitions", "customresourcedefinitions/status"]);
  });

  it("[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] custom resource defaulting for requests and from storage works [Conformance]", async () => {
    const schema = { type: "object", properties: { a: { type: "string" }, b: { type: "string" } } };
    const definition = randomDefinition("default", { schema });
    await establish(api, definition);
    const { name } = definition.metadata;
    const objects = `/apis/${group}/v1beta1/${definition.spec.names.plural}`;
    const properties = "/spec/versions/0/schema/openAPIV3Schema/properties";
    const fieldOf = (object: string, field: string, wanted: string) =>
      until(
        () => api.send("GET", `${objects}/${object}`),
        ({ json }) => at(json, field) === wanted,
      );
    await succeed(api, 201, "POST", objects, { metadata: { name: "cr-1" } });
    const addA = [{ op: "add", path: `${properties}/a/default`, value: "A" }];
    await succeed(api, 200, "PATCH", `${definitions}/${name}`, addA, jsonPatch);
    await fieldOf("cr-1", "a", "A");
    const second = await succeed(api, 201, "POST", objects, { metadata: { name: "cr-2" } });
    expect(at(second, "a")).to.equal("A");
    const addB = [
      { op: "remove", path: `${properties}/a/default` },
      { op: "add", path: `${properties}/b/default`, value: "B" },
    ];
    await succeed(api, 200, "PATCH", `${definitions}/${name}`, addB, jsonPatch);
    const { json } = await fieldOf("cr-2", "b", "B");
    expect(at(json, "a")).to.equal("A");
    expect(at(await succeed(api, 200, "GET", `${objects}/cr-1`), "a")).to.equal(undefined);
  });

  it("[sig-api-machinery] CustomResourceDefinition Watch [Privileged:ClusterAdmin] CustomResourceDefinition Watch watch on custom resource definition objects [Conformance]", async () => {
    const definition = randomDefinition("watch");
    await establish(api, definition);
    const objects = `/apis/${group}/v1beta1/${definition.spec.names.plural}`;
    const watches = ["name1", "name2"].map((name) =>
      watchEvents(
        api.transport,
        `${objects}?watch=true&fieldSelector=metadata.name%3D${name}`,
        AbortSignal.timeout(withinMs),
      ),
    );
    for (const [index, events] of watches.entries()) {
      const name = `name${index + 1}`;
      await succeed(api, 201, "POST", objects, { metadata: { name }, content: { key: "value" }, num: { num1: 1 } });
      await nextIs(events, "ADDED", name);
    }
    for (const [index, events] of watches.entries()) {
      const name = `name${index + 1}`;
      const patch = [{ op: "add", path: "/dummy", value: "test" }];
      await succeed(api, 200, "PATCH", `${objects}/${name}`, patch, jsonPatch);
      expect(at(await nextIs(events, "MODIFIED", name), "dummy")).to.equal("test");
    }
    for (const [index, events] of watches.entries()) {
      const name = `name${index + 1}`;
      await succeed(api, 200, "DELETE", `${objects}/${name}`);
      await nextIs(events, "DELETED", name);
      await events.return(undefined);
    }
  });

  const aggregated = { accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" };
  const discovered = async (name: string) => {
    const items = at(await succeed(api, 200, "GET", "/apis", undefined, aggregated), "items") as Json[];
    return items.find((item) => at(item, "metadata", "name") === name);
  };

  for (const [id, title] of [
    [
      "interface",
      "[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface for CRDs [Conformance]",
    ],
    [
      "request",
      "[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery request for CRDs [Conformance]",
    ],
  ] as const) {
    it(title, async () => {
      const definition = randomDefinition(`discovered${id}`);
      const own = { ...definition.spec, group: `${id}.discovery.example.com` };
      await establish(api, { ...definition, metadata: { name: `${own.names.plural}.${own.group}` }, spec: own });
      const found = await discovered(own.group);
      expect(at(found, "versions", 0)).to.deep.equal({
        version: "v1beta1",
        resources: [
          {
            resource: own.names.plural,
            responseKind: { group: own.group, version: "v1beta1", kind: own.names.kind },
            scope: "Cluster",
            singularResource: own.names.singular,
            verbs: ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"],
          },
        ],
        freshness: "Current",
      });
      await succeed(api, 200, "DELETE", `${definitions}/${own.names.plural}.${own.group}`);
      await gone(`${own.names.plural}.${own.group}`);
      expect(await discovered(own.group)).to.equal(undefined);
    });
  }
});
