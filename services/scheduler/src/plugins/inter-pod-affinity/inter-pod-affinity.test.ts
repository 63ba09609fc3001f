import { expect } from "chai";
import { makeNodeInfo, makePodInfo, PluginBench } from "../../testing/index.ts";
import { interPodAffinity } from "./inter-pod-affinity.ts";

const term = (app: string) => ({ topologyKey: "zone", labelSelector: { matchLabels: { app } } });
const near = (app: string) => ({
  affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(app)] } },
});
const apart = (app: string) => ({
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(app)] } },
});
const zone = (name: string) => ({ labels: { zone: name } });
const db = makePodInfo({ name: "db", labels: { app: "db" } });

describe("InterPodAffinity", () => {
  const nodes = [
    makeNodeInfo("a1", zone("a"), [db]),
    makeNodeInfo("a2", zone("a")),
    makeNodeInfo("b1", zone("b")),
    makeNodeInfo("none"),
  ];

  it("brings pods into the zone of those they want to be near to", () => {
    const rule = "node(s) didn't match pod affinity rules";
    const verdicts = new PluginBench([interPodAffinity], nodes).verdicts(makePodInfo({ spec: near("db") }));
    expect(verdicts).to.deep.equal({ a1: "", a2: "", b1: rule, none: rule });
  });

  it("lets the first of a group that wants to be together in anywhere with the label", () => {
    const first = makePodInfo({ labels: { app: "web" }, spec: near("web") });
    const verdicts = new PluginBench([interPodAffinity], nodes).verdicts(first);
    expect(verdicts).to.include({ a1: "", b1: "", none: "node(s) didn't match pod affinity rules" });
  });

  it("keeps pods out of the zone of those they want to be apart from", () => {
    const rule = "node(s) didn't match pod anti-affinity rules";
    const verdicts = new PluginBench([interPodAffinity], nodes).verdicts(makePodInfo({ spec: apart("db") }));
    expect(verdicts).to.deep.equal({ a1: rule, a2: rule, b1: "", none: "" });
  });

  it("keeps pods away from those that want to be apart from them", () => {
    const hermit = makePodInfo({ name: "hermit", spec: apart("web") });
    const bench = new PluginBench([interPodAffinity], [makeNodeInfo("a1", zone("a"), [hermit]), ...nodes.slice(2)]);
    const verdicts = bench.verdicts(makePodInfo({ labels: { app: "web" } }));
    expect(verdicts).to.deep.equal({
      a1: "node(s) didn't satisfy existing pods anti-affinity rules",
      b1: "",
      none: "",
    });
  });

  it("has terms meet their own namespace unless they say otherwise", () => {
    const other = makePodInfo({ namespace: "other", spec: near("db") });
    const verdicts = new PluginBench([interPodAffinity], nodes).verdicts(other);
    expect(Object.values(verdicts)).to.not.include("");
  });

  it("scores wishes of both sides between the least and the most wanted place", () => {
    const wish = (app: string, weight: number) => ({ weight, podAffinityTerm: term(app) });
    const spec = { affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [wish("db", 5)] } } };
    const scores = new PluginBench([interPodAffinity], nodes).scores(makePodInfo({ spec }));
    expect(scores).to.deep.equal({ a1: 100, a2: 100, b1: 0, none: 0 });
  });
});
