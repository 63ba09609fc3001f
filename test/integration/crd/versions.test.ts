import { expect } from "chai";
import { at, openTestServer, type TestServer } from "../apiserver/open-test-server.ts";
import { establish, until } from "./establish.ts";

const base = "/apis/versions.example.com";
const version = (name: string, isStored: boolean, more: object = {}) => ({
  name,
  served: true,
  storage: isStored,
  schema: {
    openAPIV3Schema: {
      type: "object",
      properties: {
        spec: { type: "object", properties: { host: { type: "string" }, size: { type: "integer", default: 1 } } },
      },
    },
  },
  ...more,
});
const definition = (plural: string, kind: string, ...versions: object[]) => ({
  metadata: { name: `${plural}.versions.example.com` },
  spec: { group: "versions.example.com", scope: "Cluster", names: { plural, kind }, versions },
});

describe("versions of custom resources", () => {
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
  });
  after(() => api.close());

  it("differ in name alone without conversion", async () => {
    await establish(
      api,
      definition("plains", "Plain", version("v1beta1", false, { deprecated: true }), version("v1", true)),
    );
    const made = await api.send("POST", `${base}/v1beta1/plains`, { metadata: { name: "a" }, spec: { host: "h" } });
    expect(at(made.json, "apiVersion")).to.equal("versions.example.com/v1beta1");
    expect(made.headers["warning"]).to.contain("versions.example.com/v1beta1 Plain is deprecated");
    const { json } = await api.send("GET", `${base}/v1/plains`);
    expect(at(json, "items", 0)).to.include({ apiVersion: "versions.example.com/v1" });
    expect(at(json, "items", 0, "spec")).to.deep.equal({ host: "h", size: 1 });
    const group = await api.send("GET", base);
    expect(at(group.json, "preferredVersion", "version")).to.equal("v1");
  });

  it("that are not served any more can be stored, and go with their definition", async () => {
    await establish(api, definition("olds", "Old", version("v1alpha1", true, { served: false }), version("v1", false)));
    await api.send("POST", `${base}/v1/olds`, { metadata: { name: "a" } });
    expect((await api.send("GET", `${base}/v1alpha1/olds`)).status).to.equal(404);
    await api.send("DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/olds.versions.example.com");
    await until(
      () => api.send("GET", `${base}/v1/olds/a`),
      ({ status }) => status === 404,
    );
  });
});
