import { expect } from "chai";
import { makeNodeInfo, makePodInfo, PluginBench } from "../testing/index.ts";
import { nodeAffinity } from "./node-affinity/node-affinity.ts";
import { deviation, nodeResourcesBalancedAllocation } from "./node-resources/balanced-allocation.ts";
import { nodeResourcesFit } from "./node-resources/fit.ts";
import { taintToleration } from "./taint-toleration/taint-toleration.ts";

const allocatable = { cpu: "4", memory: "4000Mi", pods: "10" };
const half = makePodInfo({ name: "half", requests: { cpu: "2", memory: "2000Mi" } });
const pod = makePodInfo({ requests: { cpu: "1", memory: "1000Mi" } });

describe("score plugins", () => {
  const nodes = [makeNodeInfo("empty", { allocatable }), makeNodeInfo("half", { allocatable }, [half])];

  it("NodeResourcesFit prefers the emptier node by default", () => {
    expect(new PluginBench([nodeResourcesFit], nodes).scores(pod)).to.deep.equal({ empty: 75, half: 25 });
  });

  it("NodeResourcesFit prefers the fuller node when told to", () => {
    const args = { scoringStrategy: { type: "MostAllocated" } };
    expect(new PluginBench([nodeResourcesFit], nodes, args).scores(pod)).to.deep.equal({ empty: 25, half: 75 });
  });

  it("NodeResourcesFit scores by a given shape", () => {
    const shape = [
      { utilization: 0, score: 0 },
      { utilization: 100, score: 10 },
    ];
    const args = { scoringStrategy: { type: "RequestedToCapacityRatio", requestedToCapacityRatio: { shape } } };
    expect(new PluginBench([nodeResourcesFit], nodes, args).scores(pod)).to.deep.equal({ empty: 25, half: 75 });
  });

  it("NodeResourcesFit counts pods that ask for nothing with 100m and 200Mi", () => {
    const scores = new PluginBench([nodeResourcesFit], nodes.slice(0, 1)).scores(makePodInfo());
    expect(scores).to.deep.equal({ empty: 96 });
  });

  it("NodeResourcesBalancedAllocation prefers nodes whose resources are used up evenly", () => {
    const lopsided = makePodInfo({ name: "lopsided", requests: { cpu: "2" } });
    const uneven = [makeNodeInfo("even", { allocatable }), makeNodeInfo("uneven", { allocatable }, [lopsided])];
    const scores = new PluginBench([nodeResourcesBalancedAllocation], uneven).scores(pod);
    expect(scores).to.deep.equal({ even: 100, uneven: 75 });
    expect(deviation([0.5])).to.equal(0);
  });

  it("TaintToleration prefers nodes with fewer soft taints", () => {
    const soft = (key: string) => ({ key, effect: "PreferNoSchedule" });
    const tainted = [
      makeNodeInfo("none"),
      makeNodeInfo("one", { spec: { taints: [soft("a")] } }),
      makeNodeInfo("two", { spec: { taints: [soft("a"), soft("b")] } }),
    ];
    expect(new PluginBench([taintToleration], tainted).scores(pod)).to.deep.equal({ none: 100, one: 50, two: 0 });
  });

  it("NodeAffinity adds up the weights of the terms a node matches", () => {
    const prefer = (key: string, weight: number) => ({
      weight,
      preference: { matchExpressions: [{ key, operator: "Exists" }] },
    });
    const spec = {
      affinity: {
        nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [prefer("a", 10), prefer("b", 30)] },
      },
    };
    const labelled = [makeNodeInfo("a", { labels: { a: "" } }), makeNodeInfo("ab", { labels: { a: "", b: "" } })];
    expect(new PluginBench([nodeAffinity], labelled).scores(makePodInfo({ spec }))).to.deep.equal({ a: 25, ab: 100 });
  });
});
