import { kinds } from "@tskube/client";
import { expect } from "chai";
import { aPod, type Harness, nodeName, startHarness } from "./testing/harness.ts";

describe("kubelet", () => {
  let harness: Harness;

  afterEach(() => harness?.close());

  it("registers its node and reports it ready", async () => {
    harness = await startHarness();
    const node = () => harness.api.get(kinds.Node, nodeName);
    await harness.until("the node is ready", () =>
      node()?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
    );
    expect(node()?.status?.addresses).to.deep.equal([
      { type: "InternalIP", address: "192.0.2.1" },
      { type: "Hostname", address: nodeName },
    ]);
    expect(node()?.status?.conditions?.map(({ type }) => type)).to.deep.equal([
      "MemoryPressure",
      "DiskPressure",
      "PIDPressure",
      "Ready",
    ]);
    await harness.until("the lease is there", () => harness.api.get(kinds.Lease, `kube-node-lease/${nodeName}`));
  });

  it("starts a pod of its node and reports it running and ready", async () => {
    harness = await startHarness({ present: ["app:1"] });
    await harness.create(aPod("web"));
    await harness.until("the pod runs", () => harness.pod("web")?.status?.phase === "Running");
    const status = harness.pod("web")?.status;
    expect(status?.conditions?.every((condition) => condition.status === "True")).to.equal(true);
    expect(status?.containerStatuses?.[0]).to.include({ name: "main", ready: true, started: true, restartCount: 0 });
    expect(harness.events("web").map((event) => event.split(":")[0])).to.deep.equal(["Pulled", "Created", "Started"]);
  });

  it("restarts a container that ends, at once the first time and after a delay the second time", async () => {
    harness = await startHarness({ present: ["app:1"] });
    await harness.create(aPod("web"));
    const status = () => harness.pod("web")?.status?.containerStatuses?.[0];
    await harness.until("the pod runs", () => status()?.state?.running);
    harness.cri.exit("main", 3);
    await harness.until("the first restart", () => status()?.state?.running && status()?.restartCount === 1);
    expect(status()?.lastState?.terminated).to.include({ exitCode: 3, reason: "Error" });
    harness.cri.exit("main", 3);
    await harness.until("the back-off", () => status()?.state?.waiting?.reason === "CrashLoopBackOff");
    expect(status()?.state?.waiting?.message).to.match(
      /^back-off 10s restarting failed container=main pod=web_default\(/,
    );
    await harness.until("the second restart", () => status()?.restartCount === 2, 11_000);
  });

  it("ends a deleted pod in order and only then lets its object go", async () => {
    harness = await startHarness({ present: ["app:1"] });
    await harness.create(aPod("web", { terminationGracePeriodSeconds: 5 }));
    await harness.until("the pod runs", () => harness.pod("web")?.status?.phase === "Running");
    await harness.api.client().pods("default").delete("web", { gracePeriodSeconds: 5 });
    await harness.until("the object is gone", () => harness.pod("web") === undefined, 10_000);
    expect(await harness.cri.runtime.listContainers()).to.have.length(0);
    expect(await harness.cri.runtime.listPodSandbox()).to.have.length(0);
    expect(harness.events("web")).to.include("Killing: Stopping container main");
  });

  it("takes over what runs when it is restarted, and restarts none of it", async () => {
    const first = await startHarness({ present: ["app:1"] });
    await first.create(aPod("web"));
    await first.until("the pod runs", () => first.pod("web")?.status?.phase === "Running");
    await first.stop();
    harness = await startHarness({ after: first });
    await harness.create(aPod("other"));
    await harness.until("another pod runs", () => harness.pod("other")?.status?.phase === "Running");
    expect(await harness.cri.runtime.listPodSandbox()).to.have.length(2);
    expect(harness.pod("web")?.status?.containerStatuses?.[0]?.restartCount).to.equal(0);
  });

  it("removes pods that went from the API while it was away", async () => {
    const first = await startHarness({ present: ["app:1"] });
    await first.create(aPod("web"));
    await first.until("the pod runs", () => first.pod("web")?.status?.phase === "Running");
    await first.stop();
    first.api.remove(kinds.Pod, "default/web");
    harness = await startHarness({ after: first });
    await harness.until("the sandbox is removed", () => harness.cri.calls.includes("removePodSandbox"), 10_000);
    expect(await harness.cri.runtime.listContainers()).to.have.length(0);
  });
});
