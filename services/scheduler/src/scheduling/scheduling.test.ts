import { kinds } from "@tskube/client";
import { expect } from "chai";
import { SchedulerBench } from "../testing/index.ts";

describe("a scheduler", () => {
  let bench: SchedulerBench;
  beforeEach(() => {
    bench = new SchedulerBench();
  });
  afterEach(() => bench.stop());

  it("binds pods and says so", async () => {
    bench.node("n1");
    bench.pod({ name: "web" });
    await bench.start();
    expect(bench.nodeOf("web")).to.equal("n1");
    expect(bench.eventsOf("web")).to.deep.equal(["Scheduled: Successfully assigned default/web to n1"]);
    expect(await bench.metrics.metrics()).to.contain(
      'scheduler_schedule_attempts_total{result="scheduled",profile="default-scheduler"} 1',
    );
  });

  it("leaves pods of other schedulers alone", async () => {
    bench.node("n1");
    bench.pod({ name: "web", spec: { schedulerName: "mine" } });
    await bench.start();
    expect(bench.nodeOf("web")).to.equal(undefined);
  });

  it("tells why each node is out, counted and sorted", async () => {
    bench.node("n1", { spec: { taints: [{ key: "a", effect: "NoSchedule" }] } });
    bench.node("n2", { allocatable: { cpu: "1", memory: "1Gi", pods: "10" } });
    bench.node("n3", { allocatable: { cpu: "1", memory: "9Gi", pods: "10" } });
    bench.pod({ name: "large", requests: { cpu: "2", memory: "2Gi" } });
    await bench.start();
    const message =
      "0/3 nodes are available: 1 Insufficient memory, 1 node(s) had untolerated taint(s), 2 Insufficient cpu. " +
      "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.";
    expect(bench.messageOf("large")).to.equal(message);
    expect(bench.eventsOf("large")).to.deep.equal([`FailedScheduling: ${message}`]);
    expect(bench.read("large")?.status?.conditions?.[0]).to.include({ status: "False", reason: "Unschedulable" });
  });

  it("says so when there are no nodes at all, and places the pod when one comes", async () => {
    bench.pod({ name: "web" });
    await bench.start();
    expect(bench.messageOf("web")).to.equal("no nodes available to schedule pods");
    bench.node("n1");
    await bench.clock.advance(2_000);
    await bench.settle();
    expect(bench.nodeOf("web")).to.equal("n1");
  });

  it("tries a pod again when an event may have helped it, and not before", async () => {
    bench.node("n1");
    bench.pod({ name: "first", requests: { cpu: "4" } });
    await bench.start();
    bench.pod({ name: "second", requests: { cpu: "4" } });
    await bench.settle();
    expect(bench.messageOf("second")).to.contain("1 Insufficient cpu");
    bench.api.change("Node", "n1", (node) => {
      node.metadata.labels = { ...node.metadata.labels, any: "thing" };
    });
    await bench.clock.advance(60_000);
    expect(bench.scheduler?.queue.sizes).to.include({ unschedulable: 1 });
    bench.api.remove(kinds.Pod, "default/first");
    await bench.clock.advance(20_000);
    await bench.settle();
    expect(bench.nodeOf("second")).to.equal("n1");
  });

  it("holds gated pods back without a word until their gates are gone", async () => {
    bench.node("n1");
    bench.pod({ name: "web", spec: { schedulingGates: [{ name: "quota" }] } });
    await bench.start();
    expect(bench.scheduler?.queue.sizes).to.include({ gated: 1 });
    expect(bench.eventsOf("web")).to.deep.equal([]);
    bench.api.change("Pod", "default/web", (pod) => {
      if (pod.spec) pod.spec.schedulingGates = undefined;
    });
    await bench.settle();
    expect(bench.nodeOf("web")).to.equal("n1");
  });

  it("takes more important pods first", async () => {
    bench.node("n1", { allocatable: { cpu: "1", memory: "1Gi", pods: "1" } });
    bench.pod({ name: "low" });
    bench.pod({ name: "high", priority: 10 });
    await bench.start();
    expect([bench.nodeOf("high"), bench.nodeOf("low")]).to.deep.equal(["n1", undefined]);
  });

  it("counts a pod on its node before the server shows it there", async () => {
    bench.node("n1", { allocatable: { cpu: "1", memory: "1Gi", pods: "10" } });
    for (const name of ["a", "b", "c"]) bench.pod({ name, requests: { cpu: "500m" } });
    await bench.start();
    const placed = ["a", "b", "c"].filter((name) => bench.nodeOf(name));
    expect(placed).to.have.length(2);
  });

  it("forgets a placement that the server refuses, and tries again", async () => {
    let refusals = 1;
    bench.node("n1");
    bench.pod({ name: "web" });
    bench.api.react(({ subresource }) => {
      if (subresource === "binding" && refusals-- > 0) throw new Error("not now");
    });
    await bench.start();
    await bench.clock.advance(5_000);
    await bench.settle();
    expect(bench.nodeOf("web")).to.equal("n1");
    expect(bench.api.writes().filter((write) => write.includes("binding"))).to.have.length(2);
  });

  it("takes up where another one was killed, and binds nothing twice", async () => {
    bench.node("n1", { allocatable: { cpu: "2", memory: "1Gi", pods: "10" } });
    bench.pod({ name: "a", requests: { cpu: "1" } });
    await bench.start();
    await bench.stop();
    for (const name of ["b", "c"]) bench.pod({ name, requests: { cpu: "1" } });
    await bench.start();
    expect(["a", "b", "c"].map((name) => bench.nodeOf(name))).to.deep.equal(["n1", "n1", undefined]);
    expect(bench.api.writes().filter((write) => write.includes("binding"))).to.have.length(2);
  });

  it("rides out a server that is down for a while", async () => {
    bench.node("n1");
    await bench.start();
    bench.api.goDown();
    await bench.clock.advance(30_000);
    bench.api.restart();
    bench.pod({ name: "web" });
    await bench.clock.advance(60_000);
    await bench.settle();
    expect(bench.nodeOf("web")).to.equal("n1");
  });

  it("preempts the pods whose end does the least harm, and places the pod when they are gone", async () => {
    const allocatable = { cpu: "1", memory: "1Gi", pods: "10" };
    bench.node("n1", { allocatable });
    bench.node("n2", { allocatable });
    bench.pod({ name: "dear", priority: 5, requests: { cpu: "1" }, spec: { nodeName: "n1" } });
    bench.pod({ name: "cheap", priority: 1, requests: { cpu: "1" }, spec: { nodeName: "n2" } });
    await bench.start();
    bench.pod({ name: "vip", priority: 100, requests: { cpu: "1" } });
    await bench.settle();
    expect(bench.read("vip")?.status?.nominatedNodeName ?? bench.nodeOf("vip")).to.equal("n2");
    expect(bench.eventsOf("cheap").join()).to.match(/^Preempted: Preempted by pod .+ on node n2$/);
    expect(bench.eventsOf("dear")).to.deep.equal([]);
    bench.api.remove(kinds.Pod, "default/cheap");
    await bench.clock.advance(20_000);
    await bench.settle();
    expect(bench.nodeOf("vip")).to.equal("n2");
  });

  it("does not preempt for a pod that never does", async () => {
    bench.node("n1", { allocatable: { cpu: "1", memory: "1Gi", pods: "10" } });
    bench.pod({ name: "old", requests: { cpu: "1" }, spec: { nodeName: "n1" } });
    bench.pod({ name: "meek", priority: 9, requests: { cpu: "1" }, spec: { preemptionPolicy: "Never" } });
    await bench.start();
    expect(bench.messageOf("meek")).to.equal(
      "0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.",
    );
  });

  it("leaves a pod unbound whose claim is missing", async () => {
    bench.node("n1");
    const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "data" } }];
    bench.pod({ name: "db", spec: { volumes } });
    await bench.start();
    expect(bench.messageOf("db")).to.match(
      /^0\/1 nodes are available: persistentvolumeclaim "data" not found\. preemption: /,
    );
  });
});
