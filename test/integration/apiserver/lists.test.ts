import { decodeProtobuf } from "@tskube/api";
import { expect } from "chai";
import { at, openTestServer, podOf, type TestServer } from "./open-test-server.ts";

const pods = "/api/v1/namespaces/default/pods";

describe("apiserver lists", () => {
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
    for (let index = 0; index < 7; index++) {
      await api.send("POST", pods, {
        ...podOf(`p${index}`, index % 2 === 0 ? { nodeName: "even" } : {}),
        metadata: { name: `p${index}`, labels: { third: String(index % 3) } },
      });
    }
  });
  after(() => api.close());

  const names = (json: { items: readonly { metadata: { name: string } }[] }) =>
    json.items.map((item) => item.metadata.name);
  const list = async (query: string, headers = {}) => {
    const { json } = await api.send("GET", `${pods}?${query}`, undefined, headers);
    return json as {
      metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
      items: { metadata: { name: string; resourceVersion: string } }[];
    };
  };

  it("selects by labels and by fields", async () => {
    expect(names(await list("labelSelector=third%3D1"))).to.deep.equal(["p1", "p4"]);
    expect(names(await list("fieldSelector=spec.nodeName%3Deven"))).to.deep.equal(["p0", "p2", "p4", "p6"]);
    expect(names(await list("fieldSelector=metadata.name%3Dp3"))).to.deep.equal(["p3"]);
    expect(names(await list("labelSelector=third+in+(0,1)&fieldSelector=spec.nodeName!%3Deven"))).to.deep.equal([
      "p1",
      "p3",
    ]);
  });

  it("refuses a field that cannot be selected by", async () => {
    const { status, json } = await api.send("GET", `${pods}?fieldSelector=spec.foo%3Dbar`);
    expect(status).to.equal(400);
    expect(at(json, "message")).to.contain("field label not supported: spec.foo");
  });

  it("goes on page by page in the state of the first", async () => {
    const first = await list("limit=3");
    expect(names(first)).to.deep.equal(["p0", "p1", "p2"]);
    expect(first.metadata.remainingItemCount).to.equal(4);
    await api.send("POST", pods, podOf("p3a"));
    const second = await list(`limit=3&continue=${first.metadata.continue}`);
    expect(names(second)).to.deep.equal(["p3", "p4", "p5"]);
    expect(second.metadata.resourceVersion).to.equal(first.metadata.resourceVersion);
    const third = await list(`limit=3&continue=${second.metadata.continue}`);
    expect(names(third)).to.deep.equal(["p6"]);
    expect(third.metadata.continue).to.equal(undefined);
    await api.send("DELETE", `${pods}/p3a`);
  });

  it("reads an exact version, and waits for none of the future", async () => {
    const { metadata } = await list("");
    await api.send("POST", pods, podOf("later"));
    const then = await list(`resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=Exact`);
    expect(names(then)).to.not.include("later");
    await api.send("DELETE", `${pods}/later`);
    const { status } = await api.send("GET", `${pods}?continue=nonsense`);
    expect(status).to.equal(400);
  });

  const incoherent: [string, string][] = [
    [
      "resourceVersionMatch=Exact",
      "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
    ],
    [
      "resourceVersion=0&resourceVersionMatch=Exact",
      'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    ["sendInitialEvents=true", "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list"],
  ];
  for (const [query, message] of incoherent) {
    it(`refuses ${query}`, async () => {
      const { status, json } = await api.send("GET", `${pods}?${query}`);
      expect(status).to.equal(422);
      expect(at(json, "message")).to.contain(message);
    });
  }

  it("answers as a table, as metadata, as protobuf and compressed", async () => {
    const table = await api.send("GET", pods, undefined, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" });
    expect(at(table.json, "kind")).to.equal("Table");
    const cells = at(table.json, "rows", 0, "cells") as unknown[];
    expect(cells.slice(0, 4)).to.deep.equal(["p0", "0/1", "Pending", "0"]);
    const partial = await list("", { accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io" });
    expect(partial).to.include({ kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1" });
    expect(Object.keys(partial.items[0] ?? {})).to.deep.equal(["kind", "apiVersion", "metadata"]);
    const proto = await api.send("GET", pods, undefined, { accept: "application/vnd.kubernetes.protobuf" });
    const decoded = decodeProtobuf(proto.bytes) as unknown as Awaited<ReturnType<typeof list>>;
    expect(names(decoded)).to.deep.equal(names(await list("")));
    expect(decoded.items[0]?.metadata.resourceVersion).to.equal((await list("")).items[0]?.metadata.resourceVersion);
    const accept = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
    const partialProto = decodeProtobuf((await api.send("GET", pods, undefined, { accept })).bytes);
    expect(partialProto).to.include({ kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1" });
    const withoutKind = partial.items.map(({ metadata }) => ({ metadata }));
    expect((partialProto as unknown as typeof partial).items).to.deep.equal(withoutKind);
  });

  it("tells in a table's rows as much of the objects as the client wants", async () => {
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const row = async (query: string) =>
      at((await api.send("GET", `${pods}${query}`, undefined, { accept })).json, "rows", 1, "object");
    const pod = (await api.send("GET", `${pods}/p1`)).json;
    const { metadata } = pod as { metadata: object };
    expect(await row("")).to.deep.equal({ kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata });
    expect(await row("?includeObject=Object")).to.deep.equal(pod);
    expect(await row("?includeObject=None")).to.equal(null);
  });

  it("deletes a collection by selector", async () => {
    await api.send("DELETE", `${pods}?fieldSelector=spec.nodeName%3D`);
    expect(names(await list(""))).to.deep.equal(["p0", "p2", "p4", "p6"]);
  });
});
