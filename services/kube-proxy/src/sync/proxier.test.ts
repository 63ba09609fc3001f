import { createMetrics, silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import type { ServicePort } from "../model/service-port.ts";
import { aService, aSlice } from "../model/testing.ts";
import { Proxier } from "./proxier.ts";
import { createProxyMetrics } from "./proxy-metrics.ts";

function setUp() {
  const clock = new FakeClock();
  const syncs: string[][] = [];
  let failures = 0;
  const backend = {
    name: "recording",
    async sync(ports: readonly ServicePort[]) {
      if (failures > 0) {
        failures--;
        throw new Error("no");
      }
      syncs.push(
        ports.map(({ id, clusterEndpoints }) => `${id} → ${clusterEndpoints.map(({ address }) => address).join(",")}`),
      );
    },
    async close() {},
    async cleanUp() {},
  };
  const metrics = createProxyMetrics(createMetrics({ processFigures: false }));
  const proxier = new Proxier(
    { nodeName: "worker-1", family: "IPv4", minSyncPeriodMs: 100, syncPeriodMs: 30_000 },
    { backend, clock, logger: silentLogger, metrics, synced() {} },
  );
  const stopping = new AbortController();
  return {
    clock,
    syncs,
    proxier,
    metrics,
    failNext: (count: number) => (failures = count),
    stopping,
    running: () => proxier.run(stopping.signal),
  };
}

describe("proxier", () => {
  it("collects changes that come together into one sync", async () => {
    const { clock, syncs, proxier, stopping, running } = setUp();
    const done = running();
    await clock.advance(100);
    proxier.setService(aService());
    await clock.advance(0);
    proxier.setSlice(aSlice([{ address: "10.244.1.1" }]));
    proxier.setSlice(aSlice([{ address: "10.244.1.2" }]));
    await clock.advance(100);
    expect(syncs).to.deep.equal([[], ["default/web → "], ["default/web → 10.244.1.2"]]);
    stopping.abort();
    await done;
    expect(clock.pending).to.equal(0);
  });

  it("takes a service away with its last object and keeps slices that come before their service", async () => {
    const { clock, syncs, proxier, stopping, running } = setUp();
    proxier.setSlice(aSlice([{ address: "10.244.1.1" }]));
    const done = running();
    await clock.advance(100);
    proxier.setService(aService());
    await clock.advance(100);
    proxier.deleteService(aService());
    await clock.advance(100);
    expect(syncs).to.deep.equal([[], ["default/web → 10.244.1.1"], []]);
    stopping.abort();
    await done;
  });

  it("tries again a second after a failed sync", async () => {
    const { clock, syncs, proxier, stopping, running, failNext } = setUp();
    failNext(1);
    proxier.setService(aService());
    const done = running();
    await clock.advance(999);
    expect(syncs).to.deep.equal([]);
    await clock.advance(1);
    expect(syncs).to.deep.equal([["default/web → "]]);
    stopping.abort();
    await done;
  });

  it("syncs now and then without changes", async () => {
    const { clock, syncs, stopping, running } = setUp();
    const done = running();
    await clock.advance(30_200);
    expect(syncs).to.have.length(2);
    stopping.abort();
    await done;
  });
});
