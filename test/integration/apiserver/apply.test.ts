import { expect } from "chai";
import { at, openTestServer, type TestServer } from "./open-test-server.ts";

const deployments = "/apis/apps/v1/namespaces/default/deployments";
const apply = { "content-type": "application/apply-patch+yaml" };
const merge = { "content-type": "application/merge-patch+json" };
const wish = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "c", image: "i", ports: [{ containerPort: 80 }] }] },
    },
  },
};
const container = 'k:{"name":"c"}';
const port = 'k:{"containerPort":80,"protocol":"TCP"}';

describe("server-side apply", () => {
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
  });
  after(() => api.close());

  const applyAs = (manager: string, object: object, more = "") =>
    api.send("PATCH", `${deployments}/web?fieldManager=${manager}${more}`, object, apply);

  it("makes its manager the owner of just what was written, on create too", async () => {
    const { status, json } = await applyAs("kubectl", wish);
    expect(status).to.equal(201);
    expect(at(json, "metadata", "managedFields", 0, "fieldsV1")).to.deep.equal({
      "f:spec": {
        "f:replicas": {},
        "f:selector": {},
        "f:template": {
          "f:metadata": { "f:labels": { "f:app": {} } },
          "f:spec": {
            "f:containers": {
              [container]: {
                ".": {},
                "f:image": {},
                "f:name": {},
                "f:ports": { [port]: { ".": {}, "f:containerPort": {} } },
              },
            },
          },
        },
      },
    });
  });

  it("changes nothing when nothing is new", async () => {
    const { json: before } = await api.send("GET", `${deployments}/web`);
    const { status, json } = await applyAs("kubectl", wish);
    expect(status).to.equal(200);
    expect(at(json, "metadata", "resourceVersion")).to.equal(at(before, "metadata", "resourceVersion"));
  });

  it("names who holds a field through which subresource, and takes it when forced", async () => {
    const scale = { spec: { replicas: 5 } };
    await api.send("PATCH", `${deployments}/web/scale?fieldManager=scaler`, scale, merge);
    const { status, json } = await applyAs("kubectl", wish);
    expect(status).to.equal(409);
    expect(at(json, "message")).to.equal(
      'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale" using apps/v1: .spec.replicas',
    );
    expect(at(json, "details", "causes", 0)).to.include({ reason: "FieldManagerConflict", field: ".spec.replicas" });
    const forced = await applyAs("kubectl", wish, "&force=true");
    expect(at(forced.json, "spec", "replicas")).to.equal(2);
  });

  it("removes what its last owner no longer wants", async () => {
    await applyAs("labels", { ...wish, metadata: { name: "web", labels: { a: "b" } } });
    const { replicas: _, ...rest } = wish.spec;
    const { json } = await applyAs("labels", { ...wish, spec: rest });
    expect(at(json, "metadata", "labels")).to.equal(undefined);
    expect(at(json, "spec", "replicas")).to.equal(2);
  });
});
