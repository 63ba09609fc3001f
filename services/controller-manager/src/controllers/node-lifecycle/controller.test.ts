import { formatTime } from "@tskube/apimachinery";
import { kinds } from "@tskube/client";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { aNode, aPod } from "../../testing/objects.ts";
import { nodeLifecycleController } from "./controller.ts";

const grace = { monitorMs: 40_000, startupMs: 60_000 };
const rates = { normal: 0.1, secondary: 0.01, unhealthyThreshold: 0.55, largeZone: 50 };

describe("the node lifecycle controller", () => {
  let t: ControllerTest;
  beforeEach(async () => {
    t = controllerTest();
    for (const name of ["n1", "n2", "n3", "n4"]) t.api.seed("Node", aNode(name));
    await t.start(nodeLifecycleController({ grace, rates }));
  });
  afterEach(() => t.stop());

  const node = (name: string) => t.deps.client.nodes().get(name);
  const taints = async (name: string) =>
    (await node(name)).spec?.taints?.map(({ key, effect }) => `${key}:${effect}`) ?? [];
  const nodeNames = ["n1", "n2", "n3", "n4"];

  function beat(name: string): void {
    t.api.change("Node", name, ({ status }) => {
      for (const condition of status?.conditions ?? []) condition.lastHeartbeatTime = formatTime(t.clock.now());
    });
  }

  /** Time passes in which only some nodes give signs of life. */
  async function pass(seconds: number, ...alive: readonly string[]): Promise<void> {
    for (let passed = 0; passed < seconds; passed += 10) {
      await t.settle(10_000);
      for (const name of alive) beat(name);
      await t.settle();
    }
  }

  it("leaves nodes alone that give signs of life", async () => {
    await pass(100, ...nodeNames);
    expect(t.api.writes()).to.deep.equal([]);
  });

  it("takes a renewed lease for a sign of life", async () => {
    const lease = {
      metadata: { name: "n1", namespace: "kube-node-lease" },
      spec: { renewTime: "2024-01-01T00:00:00.000000Z" },
    };
    t.api.seed("Lease", lease);
    for (let beats = 1; beats < 10; beats++) {
      t.api.change("Lease", "kube-node-lease/n1", ({ spec }) => {
        if (spec) spec.renewTime = `2024-01-01T00:0${beats}:00.000000Z`;
      });
      await pass(10, "n2", "n3", "n4");
    }
    expect(await taints("n1")).to.deep.equal([]);
  });

  it("declares a silent node unknown, taints it, and takes its pods out of service", async () => {
    t.api.seed("Pod", aPod("web", { node: "n1", ready: true }));
    await pass(50, "n2", "n3", "n4");
    const ready = (await node("n1")).status?.conditions?.find(({ type }) => type === "Ready");
    expect(ready).to.include({
      status: "Unknown",
      reason: "NodeStatusUnknown",
      message: "Kubelet stopped posting node status.",
    });
    const never = (await node("n1")).status?.conditions?.find(({ type }) => type === "MemoryPressure");
    expect(never).to.include({ status: "Unknown", reason: "NodeStatusNeverUpdated" });
    expect(await taints("n1")).to.deep.equal([
      "node.kubernetes.io/unreachable:NoSchedule",
      "node.kubernetes.io/unreachable:NoExecute",
    ]);
    const pod = await t.deps.client.pods("default").get("web");
    expect(pod.status?.conditions?.[0]).to.include({ type: "Ready", status: "False" });
    expect(t.deps.events.lines).to.include("Warning NodeNotReady default/web: Node is not ready");
  });

  it("lifts the taints when the node is back", async () => {
    await pass(50, "n2", "n3", "n4");
    t.api.change("Node", "n1", (one) => {
      one.status = aNode("n1").status;
    });
    await t.settle(1_000);
    expect(await taints("n1")).to.deep.equal([]);
  });

  it("evicts one node of a zone after the other", async () => {
    await pass(50, "n3", "n4");
    const evicting = async () =>
      (await Promise.all(["n1", "n2"].map(taints))).filter((keys) => keys.some((key) => key.endsWith("NoExecute")))
        .length;
    expect(await evicting()).to.be.lessThan(3);
    await pass(20, "n3", "n4");
    expect(await evicting()).to.equal(2);
  });

  it("evicts nobody when all nodes are silent at once", async () => {
    await pass(90);
    for (const name of nodeNames)
      expect(await taints(name), name).to.deep.equal(["node.kubernetes.io/unreachable:NoSchedule"]);
  });

  it("marks cordoned nodes and those under pressure", async () => {
    t.api.change("Node", "n1", (one) => {
      one.spec = { ...one.spec, unschedulable: true };
      one.status?.conditions?.push({ type: "DiskPressure", status: "True" });
    });
    await t.settle();
    expect(await taints("n1")).to.have.members([
      "node.kubernetes.io/unschedulable:NoSchedule",
      "node.kubernetes.io/disk-pressure:NoSchedule",
    ]);
    expect(t.api.store.list(kinds.Node)).to.have.length(4);
  });
});
