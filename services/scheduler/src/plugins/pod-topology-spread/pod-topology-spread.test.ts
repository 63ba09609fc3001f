import { expect } from "chai";
import { makeNodeInfo, makePodInfo, PluginBench } from "../../testing/index.ts";
import { podTopologySpread } from "./pod-topology-spread.ts";

const web = { app: "web" };
const webPods = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => makePodInfo({ name: `${prefix}-${i}`, labels: web }));
const spread = (more: object = {}) => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: "zone",
      whenUnsatisfiable: "DoNotSchedule",
      labelSelector: { matchLabels: web },
      ...more,
    },
  ],
});
const tooSkewed = "node(s) didn't match pod topology spread constraints";

describe("PodTopologySpread", () => {
  const nodes = [
    makeNodeInfo("a1", { labels: { zone: "a" } }, webPods("a", 2)),
    makeNodeInfo("b1", { labels: { zone: "b" } }, webPods("b", 1)),
    makeNodeInfo("none"),
  ];
  const verdicts = (spec: object, labels: Record<string, string> = web) =>
    new PluginBench([podTopologySpread], nodes).verdicts(makePodInfo({ labels, spec }));

  it("turns down zones that would get ahead by more than the skew", () => {
    expect(verdicts(spread())).to.deep.equal({
      a1: tooSkewed,
      b1: "",
      none: `${tooSkewed} (missing required label)`,
    });
    expect(verdicts(spread({ maxSkew: 2 }))).to.include({ a1: "", b1: "" });
  });

  it("counts zones that are wanted and not there as empty", () => {
    expect(verdicts(spread({ minDomains: 3 }))).to.include({ a1: tooSkewed, b1: tooSkewed });
  });

  it("leaves out nodes that the pod's own selector leaves out", () => {
    expect(verdicts({ ...spread(), nodeSelector: { zone: "a" } })).to.include({ a1: "" });
    expect(verdicts({ ...spread({ nodeAffinityPolicy: "Ignore" }), nodeSelector: { zone: "a" } })).to.include({
      a1: tooSkewed,
    });
  });

  it("counts only pods of the same value under matchLabelKeys", () => {
    expect(verdicts(spread({ matchLabelKeys: ["rev"] }), { ...web, rev: "2" })).to.include({ a1: "", b1: "" });
  });

  it("prefers emptier zones for wishes", () => {
    const pod = makePodInfo({ labels: web, spec: spread({ whenUnsatisfiable: "ScheduleAnyway" }) });
    const scores = new PluginBench([podTopologySpread], nodes).scores(pod);
    expect(scores.b1).to.be.greaterThan(scores.a1 ?? 0);
    expect(scores.none).to.equal(0);
  });

  it("spreads pods of a service over hosts without being told", async () => {
    const bench = new PluginBench([podTopologySpread], nodes);
    bench.api.seed("Service", { metadata: { name: "web", namespace: "default" }, spec: { selector: web } });
    await bench.follow();
    const scores = bench.scores(makePodInfo({ labels: web }));
    bench.close();
    expect(scores.none).to.be.greaterThan(scores.b1 ?? 0);
    expect(scores.b1).to.be.greaterThan(scores.a1 ?? 0);
  });
});
