import { expect } from "chai";
import type { Handle, PluginDefinition } from "../framework/handle.ts";
import { wait } from "../framework/status.ts";
import { SchedulerBench } from "../testing/index.ts";

describe("a pod that a permit plugin holds back", () => {
  let handle: Handle | undefined;
  const hold: PluginDefinition = {
    name: "Hold",
    create(_args, own) {
      handle = own;
      return { name: "Hold", permit: () => ({ status: wait, timeoutMs: 10_000 }), eventsToRegister: () => [] };
    },
  };
  const document = { profiles: [{ plugins: { permit: { enabled: [{ name: "Hold" }] } } }] };
  let bench: SchedulerBench;

  beforeEach(async () => {
    bench = new SchedulerBench();
    bench.node("n1");
    bench.pod({ name: "web" });
    await bench.start({ document, plugins: [hold] });
  });
  afterEach(() => bench.stop());

  it("is counted on its node, and bound once the plugin allows it", async () => {
    expect(bench.nodeOf("web")).to.equal(undefined);
    expect(bench.scheduler?.cache.assumedCount).to.equal(1);
    for (const waiting of handle?.waitingPods.values() ?? []) waiting.allow("Hold");
    await bench.settle();
    expect(bench.nodeOf("web")).to.equal("n1");
  });

  it("is turned down when its time is over", async () => {
    await bench.clock.advance(10_000);
    await bench.settle();
    expect(bench.messageOf("web")).to.contain("rejected due to timeout after waiting 10s at plugin Hold");
    expect(bench.scheduler?.cache.assumedCount).to.equal(0);
  });

  it("does not keep the scheduler from stopping", async () => {
    await bench.stop();
    await bench.start({ document, plugins: [hold] });
    expect(bench.scheduler?.cache.assumedCount).to.equal(1);
  });
});
