import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { parseCidr } from "../../net/cidr.ts";
import { aNode } from "../../testing/objects.ts";
import { nodeIpamController } from "./controller.ts";

const cidrs = (...texts: string[]) => texts.flatMap((text) => parseCidr(text) ?? []);

describe("the node IPAM controller", () => {
  let t: ControllerTest;
  beforeEach(() => {
    t = controllerTest();
  });
  afterEach(() => t.stop());

  const start = (clusterCidrs: string[], maskSize?: number) =>
    t.start(
      nodeIpamController({ clusterCidrs: cidrs(...clusterCidrs), serviceCidrs: cidrs("10.96.0.0/16"), maskSize }),
    );
  const shares = async (name: string) => (await t.deps.client.nodes().get(name)).spec?.podCIDRs;

  it("gives each node a share that nobody has", async () => {
    t.api.seed("Node", aNode("old", "True", { podCIDR: "10.244.0.0/24", podCIDRs: ["10.244.0.0/24"] }));
    t.api.seed("Node", aNode("new"));
    await start(["10.244.0.0/16"]);
    expect(await shares("new")).to.deep.equal(["10.244.1.0/24"]);
    expect((await t.deps.client.nodes().get("new")).spec?.podCIDR).to.equal("10.244.1.0/24");
  });

  it("gives a share of each family", async () => {
    t.api.seed("Node", aNode("n1"));
    await start(["10.244.0.0/16", "fd00:10::/56"]);
    expect(await shares("n1")).to.deep.equal(["10.244.0.0/24", "fd00:10::/64"]);
  });

  it("says when nothing is left, and gives what a deleted node had", async () => {
    t.api.seed("Node", aNode("n1"));
    await start(["10.244.0.0/24"]);
    t.api.seed("Node", aNode("n2"));
    await t.settle();
    expect(t.deps.events.lines[0]).to.equal("Normal CIDRNotAvailable n2: Node n2 status is now: CIDRNotAvailable");
    await t.deps.client.nodes().delete("n1");
    await t.settle(60_000);
    expect(await shares("n2")).to.deep.equal(["10.244.0.0/24"]);
  });

  it("never gives away the addresses of services", async () => {
    t.api.seed("Node", aNode("n1"));
    await start(["10.96.0.0/15"]);
    expect(await shares("n1")).to.deep.equal(["10.97.0.0/24"]);
  });
});
