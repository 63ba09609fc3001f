import { kinds } from "@tskube/client";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { aNode, aPod } from "../../testing/objects.ts";
import { podGcController } from "./controller.ts";

describe("the pod garbage collector", () => {
  let t: ControllerTest;
  beforeEach(() => {
    t = controllerTest();
  });
  afterEach(() => t.stop());

  const pods = () => t.api.store.list(kinds.Pod).map(({ metadata }) => metadata.name);
  const start = (threshold = 100) => t.start(podGcController(threshold));

  it("deletes pods of a node that stays away, after a while", async () => {
    t.api.seed("Pod", aPod("lost", { node: "gone" }));
    t.api.seed("Pod", aPod("kept", { node: "n1" }));
    t.api.seed("Node", aNode("n1"));
    await start();
    await t.settle(30_000);
    expect(pods()).to.have.members(["lost", "kept"]);
    await t.settle(11_000);
    expect(pods()).to.deep.equal(["kept"]);
    expect(t.api.writes()).to.deep.equal(["patch pods/status default/lost", "delete pods default/lost"]);
  });

  it("deletes the oldest ended pods beyond the threshold", async () => {
    for (const n of [1, 2, 3])
      t.api.seed(
        "Pod",
        aPod(`p${n}`, { phase: "Succeeded", metadata: { creationTimestamp: `2024-01-0${n}T00:00:00Z` } }),
      );
    await start(1);
    expect(pods()).to.deep.equal(["p3"]);
  });

  it("ends pods on a node that is out of service once they are to go", async () => {
    t.api.seed(
      "Node",
      aNode("n1", "Unknown", { taints: [{ key: "node.kubernetes.io/out-of-service", effect: "NoExecute" }] }),
    );
    t.api.seed(
      "Pod",
      aPod("going", {
        node: "n1",
        metadata: { deletionTimestamp: "2024-01-01T00:00:00Z", deletionGracePeriodSeconds: 30 },
      }),
    );
    t.api.seed("Pod", aPod("staying", { node: "n1" }));
    await start();
    expect(pods()).to.deep.equal(["staying"]);
  });
});
