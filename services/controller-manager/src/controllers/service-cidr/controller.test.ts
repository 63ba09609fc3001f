import type { IPAddress, ServiceCIDR } from "@tskube/api";
import type { ResourceInfo } from "@tskube/client";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { serviceCidrController } from "./controller.ts";
import { addressesHeldBy } from "./in-use.ts";

const info = (resource: string, kind: string): ResourceInfo => ({
  group: "networking.k8s.io",
  version: "v1",
  resource,
  kind,
  namespaced: false,
});
const ranges = info("servicecidrs", "ServiceCIDR");
const addresses = info("ipaddresses", "IPAddress");

describe("the service CIDR controller", () => {
  let t: ControllerTest;
  beforeEach(() => {
    t = controllerTest({ resources: [ranges, addresses] });
  });
  afterEach(() => t.stop());

  const client = () => t.deps.client.resource<ServiceCIDR>(ranges);
  const addressClient = () => t.deps.client.resource<IPAddress>(addresses);
  const make = (name: string, cidr: string) => client().create({ metadata: { name }, spec: { cidrs: [cidr] } });
  const take = (name: string) =>
    addressClient().create({ metadata: { name }, spec: { parentRef: { resource: "services", name: "s" } } });
  const ready = async (name: string) => (await client().get(name)).status?.conditions?.[0];

  it("makes a new range ready and holds it", async () => {
    await make("more", "10.1.0.0/24");
    await t.start(serviceCidrController);
    expect((await client().get("more")).metadata.finalizers).to.deep.equal([
      "networking.k8s.io/service-cidr-finalizer",
    ]);
    expect(await ready("more")).to.include({
      type: "Ready",
      status: "True",
      message: "Kubernetes Service CIDR is ready",
    });
  });

  it("lets a range go when no address needs it, after a while", async () => {
    await make("more", "10.1.0.0/24");
    await t.start(serviceCidrController);
    await take("10.1.0.7");
    await t.settle();
    await client().delete("more");
    await t.settle(60_000);
    expect(await ready("more")).to.include({ status: "False", reason: "Terminating" });
    expect(t.deps.events.lines[0]).to.match(/^Warning Terminating more: There are still IPAddresses/);
    await addressClient().delete("10.1.0.7");
    await t.settle(10_000);
    expect((await client().list()).items).to.deep.equal([]);
  });

  it("lets a range go whose addresses another one has", async () => {
    await make("narrow", "10.1.0.0/24");
    await t.start(serviceCidrController);
    await take("10.1.0.7");
    await client().delete("narrow");
    await make("wide", "10.1.0.0/16");
    await t.settle(10_000);
    expect((await client().list()).items.map(({ metadata }) => metadata.name)).to.deep.equal(["wide"]);
  });
});

describe("addressesHeldBy", () => {
  it("names addresses of no other range, in both families", () => {
    const range = (...cidrs: string[]) => ({ metadata: { name: "r" }, spec: { cidrs } }) as unknown as ServiceCIDR;
    const held = ["10.0.0.1", "10.9.0.1", "fd00::1"].map((name) => ({ metadata: { name } }) as unknown as IPAddress);
    expect(addressesHeldBy(range("10.0.0.0/24", "fd00::/112"), [], held)).to.deep.equal(["10.0.0.1", "fd00::1"]);
    expect(addressesHeldBy(range("10.0.0.0/24"), [range("10.0.0.0/8")], held)).to.deep.equal([]);
  });
});
