import type { IPAddress } from "@tskube/api";
import { silentLogger, systemClock } from "@tskube/base";
import { expect } from "chai";
import { runServiceRanges } from "../../../services/apiserver/src/service-ranges/run-service-ranges.ts";
import { eventually } from "../apiserver/eventually.ts";
import { at, openTestServer, type TestServer } from "../apiserver/open-test-server.ts";

const services = "/api/v1/namespaces/default/services";
const addresses = "/apis/networking.k8s.io/v1/ipaddresses";
const ranges = "/apis/networking.k8s.io/v1/servicecidrs";
const mergePatch = { "content-type": "application/merge-patch+json" };
const facts = { clusterIpRange: "10.96.0.0/16", nodePorts: { first: 30_000, last: 30_009 } };

describe("addresses of services as objects", () => {
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
  });
  after(() => api.close());

  const create = (name: string, spec: object = {}) =>
    api.send("POST", services, { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } });
  const messageOf = async (name: string, spec: object) => at((await create(name, spec)).json, "message");

  it("come and go with their service", async () => {
    const { json } = await create("a");
    const address = at(json, "spec", "clusterIP");
    const record = await api.send("GET", `${addresses}/${address}`);
    expect(at(record.json, "spec", "parentRef")).to.deep.equal({
      resource: "services",
      namespace: "default",
      name: "a",
    });
    expect(at(record.json, "metadata", "labels")).to.deep.equal({
      "ipaddress.kubernetes.io/ip-family": "IPv4",
      "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
    });
    await api.send("DELETE", `${services}/a`);
    expect((await api.send("GET", `${addresses}/${address}`)).status).to.equal(404);
  });

  it("that others hold are not given out", async () => {
    const parentRef = { group: "example.com", resource: "gateways", name: "g" };
    await api.send("POST", addresses, { metadata: { name: "10.96.0.77" }, spec: { parentRef } });
    expect(await messageOf("b", { clusterIP: "10.96.0.77" })).to.contain(
      "failed to allocate IP 10.96.0.77: provided IP is already allocated",
    );
  });

  it("come out of other ranges as soon as these are ready", async () => {
    await api.send("POST", ranges, { metadata: { name: "more" }, spec: { cidrs: ["10.200.0.0/24"] } });
    expect(await messageOf("c", { clusterIP: "10.200.0.5" })).to.contain("does not match the current range");
    const ready = {
      type: "Ready",
      status: "True",
      reason: "Up",
      message: "",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    };
    await api.send("PATCH", `${ranges}/more/status`, { status: { conditions: [ready] } }, mergePatch);
    await eventually(async () => expect((await create("c", { clusterIP: "10.200.0.5" })).status).to.equal(201));
  });

  it("are of the one family that the cluster has", async () => {
    expect(await messageOf("six", { ipFamilies: ["IPv6"] })).to.contain(
      'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
    );
    expect(await messageOf("dual", { ipFamilyPolicy: "RequireDualStack" })).to.contain(
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    );
    const preferred = await create("prefer", { ipFamilyPolicy: "PreferDualStack" });
    expect(at(preferred.json, "spec")).to.deep.include({ ipFamilyPolicy: "PreferDualStack", ipFamilies: ["IPv4"] });
    const open = await create("open", { clusterIP: "None" });
    expect(at(open.json, "spec")).to.deep.include({
      ipFamilyPolicy: "RequireDualStack",
      ipFamilies: ["IPv4", "IPv6"],
    });
  });

  it("give one back with a change to an external name, and get one with the way back", async () => {
    const { json } = await create("moving");
    const address = at(json, "spec", "clusterIP");
    const external = {
      type: "ExternalName",
      externalName: "example.com",
      clusterIP: null,
      clusterIPs: null,
      ports: null,
    };
    const moved = await api.send("PATCH", `${services}/moving`, { spec: external }, mergePatch);
    expect([moved.status, at(moved.json, "spec", "clusterIP")]).to.deep.equal([200, undefined]);
    expect((await api.send("GET", `${addresses}/${address}`)).status).to.equal(404);
    const back = { type: "ClusterIP", externalName: null, ports: [{ port: 80 }] };
    const returned = await api.send("PATCH", `${services}/moving`, { spec: back }, mergePatch);
    expect(at(returned.json, "spec", "clusterIP")).to.match(/^10\./);
  });

  describe("with what keeps them right", () => {
    const stop = new AbortController();
    let running: Promise<void>;
    after(() => {
      stop.abort();
      return running;
    });

    it("are recorded again or cleared up, and people hear of it", async () => {
      const { json } = await create("lost");
      const lost = String(at(json, "spec", "clusterIP"));
      await api.send("DELETE", `${addresses}/${lost}`);
      const leaked: Partial<IPAddress> = {
        metadata: { name: "10.96.3.3", labels: { "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io" } },
        spec: { parentRef: { resource: "services", namespace: "default", name: "gone" } },
      };
      await api.send("POST", addresses, leaked);
      const deps = { objects: api.server.objects, clock: systemClock, logger: silentLogger };
      running = runServiceRanges(facts, deps, stop.signal);
      await eventually(async () => {
        expect((await api.send("GET", `${addresses}/${lost}`)).status).to.equal(200);
        expect((await api.send("GET", `${addresses}/10.96.3.3`)).status).to.equal(404);
        const { json: events } = await api.send("GET", "/api/v1/namespaces/default/events");
        const reasons = (at(events, "items") as object[]).map((event) => at(event, "reason"));
        expect(reasons).to.include.members(["ClusterIPNotAllocated", "IPAddressNotAllocated"]);
      });
    });

    it("have a default range that is ready", async () => {
      await eventually(async () => {
        const { json } = await api.send("GET", `${ranges}/kubernetes`);
        expect(at(json, "spec", "cidrs")).to.deep.equal(["10.96.0.0/16"]);
        expect(at(json, "status", "conditions", 0)).to.deep.include({
          type: "Ready",
          status: "True",
          message: "Kubernetes default Service CIDR is ready",
        });
      });
    });
  });
});
