import { createMetrics, silentLogger, systemClock } from "@tskube/base";
import { startEventRecorder } from "@tskube/client";
import { expect } from "chai";
import { readConfiguration } from "../../../services/scheduler/src/config/scheduler-configuration.ts";
import { createScheduler } from "../../../services/scheduler/src/create-scheduler.ts";
import { TestCluster } from "../security/test-cluster.ts";

/** Waits until `read` gives something; the test's own time-out bounds it. */
async function until<T>(read: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe("the scheduler with an apiserver as a process", function () {
  this.timeout(60_000);
  let cluster: TestCluster;
  const stop = new AbortController();
  let running: Promise<void>;

  before(async () => {
    cluster = await TestCluster.start();
    const client = await cluster.as("CN=system:kube-scheduler");
    const events = startEventRecorder({
      client,
      source: { component: "default-scheduler" },
      clock: systemClock,
      logger: silentLogger,
    });
    const metrics = createMetrics({ processFigures: false });
    const parts = { client, events, metrics, clock: systemClock, logger: silentLogger, random: Math.random };
    running = createScheduler(readConfiguration(undefined), parts).run(stop.signal);
  });

  after(async () => {
    stop.abort();
    await running;
    await cluster.stop();
  });

  it("binds a pod with the rights of system:kube-scheduler alone, and says so", async () => {
    const admin = await cluster.as("CN=admin, O=system:masters");
    await admin.nodes().create({ metadata: { name: "node-1" }, spec: {}, status: nodeStatus() });
    await admin.nodes().patch("node-1", { spec: { taints: null } });
    await admin.serviceaccounts("default").create({ metadata: { name: "default" } }); // no controller makes it here
    await admin.pods("default").create({
      metadata: { name: "web" },
      spec: { containers: [{ name: "app", image: "app", resources: { requests: { cpu: "100m" } } }] },
    });
    const bound = await until(async () => {
      const pod = await admin.pods("default").get("web");
      return pod.spec?.nodeName ? pod : undefined;
    });
    expect(bound.spec?.nodeName).to.equal("node-1");
    const event = await until(async () =>
      (await admin.events("default").list()).items.find(({ reason }) => reason === "Scheduled"),
    );
    expect(event.message).to.equal("Successfully assigned default/web to node-1");
  });

  it("tells in condition and event why a pod fits nowhere, and places it once that has changed", async () => {
    const admin = await cluster.as("CN=admin, O=system:masters");
    await admin.pods("default").create({
      metadata: { name: "large" },
      spec: { containers: [{ name: "app", image: "app", resources: { requests: { cpu: "8" } } }] },
    });
    const condition = await until(async () => {
      const pod = await admin.pods("default").get("large");
      return pod.status?.conditions?.find(({ type }) => type === "PodScheduled");
    });
    expect(condition.reason).to.equal("Unschedulable");
    expect(condition.message).to.match(/^0\/1 nodes are available: 1 Insufficient cpu\./);
    const large = { ...nodeStatus().allocatable, cpu: "16" };
    await admin.nodes().patchStatus("node-1", { status: { allocatable: large, capacity: large } });
    const bound = await until(async () => {
      const pod = await admin.pods("default").get("large");
      return pod.spec?.nodeName;
    });
    expect(bound).to.equal("node-1");
  });
});

function nodeStatus() {
  const amounts = { cpu: "4", memory: "8Gi", pods: "110", "ephemeral-storage": "10Gi" };
  return { capacity: amounts, allocatable: amounts };
}
