import type { Taint, Toleration } from "@tskube/api";
import { formatTime } from "@tskube/apimachinery";
import { kinds } from "@tskube/client";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { aNode, aPod } from "../../testing/objects.ts";
import { taintEvictionController } from "./controller.ts";

describe("the taint eviction controller", () => {
  let t: ControllerTest;
  beforeEach(() => {
    t = controllerTest();
  });
  afterEach(() => t.stop());

  const key = "node.kubernetes.io/unreachable";
  const tolerating = (...tolerations: Toleration[]) =>
    t.api.seed("Pod", aPod("web", { node: "n1", spec: { tolerations } }));
  /** Pods that are not on their way out: the kubelet ends them later. */
  const podNames = () =>
    t.api.store
      .list(kinds.Pod)
      .filter(({ metadata }) => !metadata.deletionTimestamp)
      .map(({ metadata }) => metadata.name);

  async function startTainted(): Promise<void> {
    const taint: Taint = { key, effect: "NoExecute", timeAdded: formatTime(t.clock.now()) };
    t.api.seed("Node", aNode("n1", "Unknown", { taints: [taint] }));
    await t.start(taintEvictionController);
  }

  it("deletes a pod that does not tolerate the taint at once, and says so on it", async () => {
    tolerating();
    await startTainted();
    expect(podNames()).to.deep.equal([]);
    expect(t.api.writes()).to.deep.equal(["patch pods/status default/web", "delete pods default/web"]);
    expect(t.deps.events.lines).to.deep.equal([
      "Normal TaintManagerEviction default/web: Marking for deletion Pod default/web",
    ]);
  });

  it("leaves a pod that tolerates the taint without end", async () => {
    tolerating({ operator: "Exists" });
    await startTainted();
    await t.settle(3_600_000);
    expect(podNames()).to.deep.equal(["web"]);
  });

  it("deletes a pod when the shortest of its tolerations is over", async () => {
    tolerating({ key, operator: "Exists", tolerationSeconds: 300 }, { key, operator: "Exists", tolerationSeconds: 60 });
    await startTainted();
    await t.settle(59_000);
    expect(podNames()).to.deep.equal(["web"]);
    await t.settle(2_000);
    expect(podNames()).to.deep.equal([]);
  });

  it("keeps the pod when the taint goes before that", async () => {
    tolerating({ key, operator: "Exists", tolerationSeconds: 60 });
    await startTainted();
    t.api.change("Node", "n1", ({ spec }) => {
      if (spec) spec.taints = [];
    });
    await t.settle(120_000);
    expect(podNames()).to.deep.equal(["web"]);
    expect(t.deps.events.lines).to.deep.equal([
      "Normal TaintManagerEviction default/web: Cancelling deletion of Pod default/web",
    ]);
  });
});
