import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { aNode } from "../../testing/objects.ts";
import { ttlController } from "./controller.ts";

describe("the TTL controller", () => {
  let t: ControllerTest;
  beforeEach(() => {
    t = controllerTest();
  });
  afterEach(() => t.stop());

  const annotationsOf = async (name: string) => (await t.deps.client.nodes().get(name)).metadata.annotations;

  it("annotates every node by how many there are", async () => {
    t.api.seed("Node", aNode("n0"));
    await t.start(ttlController);
    expect(await annotationsOf("n0")).to.deep.equal({ "node.alpha.kubernetes.io/ttl": "0" });
    for (let index = 1; index <= 101; index++) t.api.seed("Node", aNode(`n${index}`));
    await t.settle();
    expect(await annotationsOf("n101")).to.deep.equal({ "node.alpha.kubernetes.io/ttl": "15" });
  });
});
