import { expect } from "chai";
import { at, openTestServer, type TestServer } from "./open-test-server.ts";

const maps = "/api/v1/namespaces/default/configmaps";
const type = (kind: string) => ({ "content-type": `application/${kind}-patch+json` });

describe("apiserver's words", () => {
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
    await api.send("POST", maps, { metadata: { name: "m" } });
  });
  after(() => api.close());

  const refusal = async (patch: object, kind: string) => {
    const path = `${maps}/m?fieldValidation=Strict`;
    const { status, json } = await api.send("PATCH", path, patch, type(kind));
    return `${status} ${String(at(json, "message"))}`;
  };

  it("show a strategic merge patch with unknown fields as it was sent", async () => {
    expect(await refusal({ data: { a: "b" }, foo: [1, null] }, "strategic-merge")).to.equal(
      '422  "" is invalid: patch: Invalid value: "map[data:map[a:b] foo:[1 <nil>]]": strict decoding error: unknown field "foo"',
    );
  });

  it("show what a merge patch with unknown fields would make", async () => {
    const text = await refusal({ foo: "x" }, "merge");
    expect(text).to.match(
      /^422 {2}"" is invalid: patch: Invalid value: "\{.*\}": strict decoding error: unknown field "foo"$/,
    );
  });

  it("tell which fields can be selected by", async () => {
    const { json } = await api.send("GET", `${maps}?fieldSelector=foo%3Dbar`);
    expect(at(json, "message")).to.equal(
      '"foo" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
  });

  it("warn of endpoints, and of nothing that has no successor", async () => {
    const warning = async (resource: string) =>
      (await api.send("GET", `/api/v1/namespaces/default/${resource}`)).headers["warning"];
    expect(await warning("endpoints")).to.equal(
      '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"',
    );
    expect(await warning("configmaps")).to.equal(undefined);
  });
});
