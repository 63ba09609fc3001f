import { expect } from "chai";
import { SchedulerBench } from "../testing/index.ts";
import { readConfiguration } from "./scheduler-configuration.ts";

const document = (fields: Record<string, unknown>) => ({ kind: "KubeSchedulerConfiguration", ...fields });

describe("KubeSchedulerConfiguration", () => {
  it("has upstream's defaults", () => {
    const { profiles, ...rest } = readConfiguration(undefined);
    expect(rest).to.deep.equal({
      percentageOfNodesToScore: undefined,
      podInitialBackoffMs: 1_000,
      podMaxBackoffMs: 10_000,
    });
    expect(profiles.map(({ schedulerName }) => schedulerName)).to.deep.equal(["default-scheduler"]);
  });

  it("refuses what makes no sense", () => {
    expect(() => readConfiguration(document({ percentageOfNodesToScore: 101 }))).to.throw("[0-100]");
    expect(() => readConfiguration(document({ podMaxBackoffSeconds: 0.5 }))).to.throw("podMaxBackoffSeconds");
    expect(() => readConfiguration(document({ profiles: [{}, {}] }))).to.throw("schedulerName of its own");
  });

  it("gives each profile its plugins and arguments", async () => {
    const bench = new SchedulerBench();
    bench.node("n1", { spec: { unschedulable: true } });
    for (const schedulerName of ["default-scheduler", "careless"])
      bench.pod({ name: schedulerName, spec: { schedulerName } });
    const plugins = { multiPoint: { disabled: [{ name: "NodeUnschedulable" }] } };
    await bench.start({ document: { profiles: [{}, { schedulerName: "careless", plugins }] } });
    expect([bench.nodeOf("default-scheduler"), bench.nodeOf("careless")]).to.deep.equal([undefined, "n1"]);
    await bench.stop();
  });

  it("takes a plugin from outside, enabled by its name", async () => {
    const bench = new SchedulerBench();
    bench.node("n1");
    bench.node("chosen");
    bench.pod({ name: "web" });
    const favourite = {
      name: "Favourite",
      create: (args: unknown) => ({
        name: "Favourite",
        score: (_state: unknown, _pod: unknown, { name }: { readonly name: string }) => (name === args ? 100 : 0),
      }),
    };
    const profile = {
      plugins: { multiPoint: { enabled: [{ name: "Favourite", weight: 100 }] } },
      pluginConfig: [{ name: "Favourite", args: "chosen" }],
    };
    await bench.start({ document: { profiles: [profile] }, plugins: [favourite] });
    expect(bench.nodeOf("web")).to.equal("chosen");
    await bench.stop();
  });
});
