import { expect } from "chai";
import { at, openTestServer, type TestServer } from "../apiserver/open-test-server.ts";

const path = "/api/v1/componentstatuses";

describe("component statuses", () => {
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
  });
  after(() => api.close());

  it("name the parts of the control plane and how they are", async () => {
    const { json, status, headers } = await api.send("GET", path);
    expect(status).to.equal(200);
    expect(json).to.include({ kind: "ComponentStatusList", apiVersion: "v1" });
    const items = at(json, "items") as object[];
    expect(items.map((item) => at(item, "metadata", "name"))).to.deep.equal([
      "controller-manager",
      "etcd-0",
      "scheduler",
    ]);
    expect(at(items[1], "conditions")).to.deep.equal([{ type: "Healthy", status: "True", message: "ok" }]);
    expect(headers["warning"]).to.contain("v1 ComponentStatus is deprecated in v1.19+");
  });

  it("are read one by one, and as a table", async () => {
    const one = await api.send("GET", `${path}/etcd-0`);
    expect(one.json).to.deep.include({ kind: "ComponentStatus", apiVersion: "v1" });
    expect((await api.send("GET", `${path}/none`)).status).to.equal(404);
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const table = await api.send("GET", `${path}/etcd-0`, undefined, { accept });
    expect(at(table.json, "rows", 0, "cells")).to.deep.equal(["etcd-0", "Healthy", "ok", ""]);
  });
});
