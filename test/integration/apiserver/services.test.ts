import { expect } from "chai";
import { at, openTestServer, type TestServer } from "./open-test-server.ts";

const services = "/api/v1/namespaces/default/services";

describe("apiserver services", () => {
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
  });
  after(() => api.close());

  const create = (name: string, spec: object) =>
    api.send("POST", services, { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } });

  it("gives each an address, and the asked one if it is free", async () => {
    const { json } = await create("plain", {});
    expect(at(json, "spec", "clusterIP")).to.match(/^10\.96\./);
    expect(at(json, "spec")).to.deep.include({ ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" });
    expect(at((await create("dns", { clusterIP: "10.96.0.10" })).json, "spec", "clusterIP")).to.equal("10.96.0.10");
    const taken = await create("dns2", { clusterIP: "10.96.0.10" });
    expect(taken.status).to.equal(422);
    expect(at(taken.json, "message")).to.contain("provided IP is already allocated");
    const outside = await create("out", { clusterIP: "10.1.0.1" });
    expect(at(outside.json, "message")).to.contain(
      "failed to allocate IP 10.1.0.1: the provided network does not match the current range",
    );
  });

  it("never gives an address or node port twice, however many ask at once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => create(`np${index}`, { type: "NodePort" })),
    );
    const ports = answers.map((answer) => at(answer.json, "spec", "ports", 0, "nodePort") as number);
    expect([...ports].sort()).to.deep.equal(Array.from({ length: 10 }, (_, index) => 30_000 + index));
    const full = await create("np-full", { type: "NodePort" });
    expect(at(full.json, "message")).to.contain("failed to allocate a nodePort: range is full");
    await api.send("DELETE", `${services}/np3`);
    expect(at((await create("np-again", { type: "NodePort" })).json, "spec", "ports", 0, "nodePort")).to.equal(
      ports[3],
    );
  });

  it("keeps what an update leaves out, and takes back what a type does not have", async () => {
    const { json } = await api.send("GET", `${services}/np1`);
    const update = { metadata: { name: "np1" }, spec: { type: "NodePort", ports: [{ port: 80 }] } };
    const kept = await api.send("PUT", `${services}/np1`, update);
    expect(at(kept.json, "spec", "clusterIP")).to.equal(at(json, "spec", "clusterIP"));
    expect(at(kept.json, "spec", "ports")).to.deep.equal(at(json, "spec", "ports"));
    const internal = await api.send("PUT", `${services}/np1`, {
      ...update,
      spec: { type: "ClusterIP", ports: [{ port: 80 }] },
    });
    expect(at(internal.json, "spec", "ports", 0, "nodePort")).to.equal(undefined);
    expect((await create("np-freed", { type: "NodePort" })).status).to.equal(201);
  });

  it("refuses to move a service to another address", async () => {
    const path = `${services}/dns`;
    const patch = { spec: { clusterIP: "10.96.0.11", clusterIPs: ["10.96.0.11"] } };
    const { status, json } = await api.send("PATCH", path, patch, { "content-type": "application/merge-patch+json" });
    expect(status).to.equal(422);
    expect(at(json, "message")).to.contain("may not change once set");
  });

  it("gives headless services and external names none", async () => {
    const headless = await create("headless", { clusterIP: "None", selector: { a: "b" } });
    expect(at(headless.json, "spec", "clusterIPs")).to.deep.equal(["None"]);
    const external = await create("external", { type: "ExternalName", externalName: "example.com", ports: [] });
    expect(at(external.json, "spec", "clusterIP")).to.equal(undefined);
  });
});
