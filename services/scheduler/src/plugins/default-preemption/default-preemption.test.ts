import type { PodDisruptionBudget } from "@tskube/api";
import { expect } from "chai";
import { CycleState } from "../../framework/cycle-state.ts";
import { makeNodeInfo, makePodInfo, PluginBench } from "../../testing/index.ts";
import { nodeResourcesFit } from "../node-resources/fit.ts";
import { victimsOn } from "./dry-run.ts";
import { type Candidate, leastHarm } from "./victims.ts";

const pod = (name: string, priority: number, cpu: string, startTime = "2030-01-01T00:00:00Z") =>
  makePodInfo({ name, priority, requests: { cpu }, labels: { app: name }, status: { startTime } });
const candidate = (nodeName: string, victims: Candidate["victims"], pdbViolations = 0): Candidate => ({
  nodeName,
  victims,
  pdbViolations,
});

describe("preemption", () => {
  it("spares the more important of the pods in the way", () => {
    const node = makeNodeInfo("n1", {}, [pod("low", 1, "2"), pod("mid", 5, "1"), pod("high", 50, "1")]);
    const bench = new PluginBench([nodeResourcesFit], [node]);
    const found = victimsOn(pod("vip", 10, "1"), node, new CycleState(), bench.profile, []);
    expect("victims" in found && found.victims.map(({ key }) => key)).to.deep.equal(["default/low"]);
  });

  it("spares pods under a spent disruption budget before more important ones", () => {
    const node = makeNodeInfo("n1", {}, [pod("kept", 1, "2"), pod("mid", 5, "2")]);
    const budget: PodDisruptionBudget = {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "kept", namespace: "default" },
      spec: { selector: { matchLabels: { app: "kept" } } },
      status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
    };
    const bench = new PluginBench([nodeResourcesFit], [node]);
    const found = victimsOn(pod("vip", 10, "2"), node, new CycleState(), bench.profile, [budget]);
    expect("victims" in found && found.victims.map(({ key }) => key)).to.deep.equal(["default/mid"]);
  });

  it("says when removing pods would not help", () => {
    const node = makeNodeInfo("n1", {}, [pod("low", 1, "1")]);
    const bench = new PluginBench([nodeResourcesFit], [node]);
    const reasons = (vip: ReturnType<typeof pod>) => {
      const answer = victimsOn(vip, node, new CycleState(), bench.profile, []);
      return "code" in answer && answer.reasons;
    };
    expect(reasons(pod("vip", 10, "8"))).to.deep.equal(["Insufficient cpu"]);
    expect(reasons(pod("humble", 0, "8"))).to.deep.equal(["No preemption victims found for incoming pod"]);
  });

  const young = "2030-01-02T00:00:00Z";
  const choices: readonly [string, Candidate, Candidate][] = [
    ["fewer broken budgets", candidate("b", [pod("x", 9, "1")]), candidate("a", [pod("y", 1, "1")], 1)],
    ["the less important victim", candidate("b", [pod("x", 1, "1")]), candidate("a", [pod("y", 2, "1")])],
    ["fewer victims", candidate("b", [pod("x", 1, "1")]), candidate("a", [pod("y", 1, "1"), pod("z", 0, "1")])],
    ["the younger victim", candidate("b", [pod("x", 1, "1", young)]), candidate("a", [pod("y", 1, "1")])],
  ];
  for (const [what, better, worse] of choices) {
    it(`prefers the node with ${what}`, () => {
      expect(leastHarm([worse, better])?.nodeName).to.equal("b");
    });
  }
});
