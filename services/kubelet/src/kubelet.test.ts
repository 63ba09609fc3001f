import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

  it("writes an unchanged node status only every five minutes, and at once what the control plane changed", async () => {
    harness = await startHarness({ present: ["app:1"] });
    const isReady = () =>
      harness.api
        .get(kinds.Node, nodeName)
        ?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
    const writes = () => harness.api.writes().filter((write) => write === `patch nodes/status ${nodeName}`).length;
    await harness.until("the node is ready", isReady);
    const sofar = writes();
    await harness.clock.advance(60_000);
    expect(writes()).to.equal(sofar);
    const unknown = { type: "Ready", status: "Unknown", reason: "NodeStatusUnknown" };
    await harness.api
      .client()
      .nodes()
      .patchStatus(nodeName, { status: { conditions: [unknown] } });
    await harness.until("it is ready again", isReady, 15_000);
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

  it("does not take readiness away while probes begin anew after a restart", async () => {
    const first = await startHarness({ present: ["app:1"] });
    const readinessProbe = { exec: { command: ["check"] }, periodSeconds: 5, successThreshold: 2 };
    await first.create(aPod("web", { containers: [{ name: "main", image: "app:1", readinessProbe }] }));
    const isReady = (each: Harness) => each.pod("web")?.status?.containerStatuses?.[0]?.ready === true;
    await first.until("the pod is ready", () => isReady(first), 10_000);
    await first.stop();
    harness = await startHarness({ after: first });
    const sofar = harness.api.requests.length;
    await harness.create(aPod("other"));
    await harness.until("another pod runs", () => harness.pod("other")?.status?.phase === "Running");
    await harness.clock.advance(10_000);
    expect(isReady(harness)).to.equal(true);
    const patches = harness.api.requests.slice(sofar).filter(({ verb, name }) => verb === "patch" && name === "web");
    expect(JSON.stringify(patches)).to.not.include('"ready":false');
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

describe("kubelet with pods that have trouble", () => {
  let harness: Harness;

  afterEach(() => harness?.close());

  const container = (name: string) => harness.pod(name)?.status?.containerStatuses?.[0];

  it("restarts a container that fails its liveness probe, with the usual back-off", async () => {
    harness = await startHarness({
      present: ["app:1"],
      behaviours: () => ({ exec: () => ({ exitCode: 1, stdout: "sick" }) }),
    });
    const livenessProbe = { exec: { command: ["check"] }, periodSeconds: 1, failureThreshold: 1 };
    await harness.create(aPod("web", { containers: [{ name: "main", image: "app:1", livenessProbe }] }));
    await harness.until("the back-off", () => container("web")?.state?.waiting?.reason === "CrashLoopBackOff");
    expect(container("web")?.restartCount).to.equal(1);
    expect(harness.events("web")).to.include("Unhealthy: Liveness probe failed: sick");
    expect(harness.events("web")).to.include("Killing: Container main failed liveness probe, will be restarted");
  });

  it("waits for a ConfigMap that is missing and goes on when it comes", async () => {
    harness = await startHarness({ present: ["app:1"] });
    const volumes = [{ name: "settings", configMap: { name: "settings" } }];
    const volumeMounts = [{ name: "settings", mountPath: "/settings" }];
    await harness.create(aPod("web", { volumes, containers: [{ name: "main", image: "app:1", volumeMounts }] }));
    await harness.until("the event", () =>
      harness
        .events("web")
        .includes('FailedMount: MountVolume.SetUp failed for volume "settings" : configmap "settings" not found'),
    );
    await harness.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings", namespace: "default" } });
    await harness.until("the pod runs", () => harness.pod("web")?.status?.phase === "Running");
  });

  it("updates the files of a ConfigMap when it changes", async () => {
    harness = await startHarness({ present: ["app:1"] });
    const settings = (color: string) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "settings", namespace: "default" },
      data: { color },
    });
    await harness.create(settings("red"));
    await harness.create(aPod("web", { volumes: [{ name: "settings", configMap: { name: "settings" } }] }));
    await harness.until("the pod runs", () => harness.pod("web")?.status?.phase === "Running");
    const uid = harness.pod("web")?.metadata.uid ?? "";
    const file = join(harness.kubelet.paths.volumeDir(uid, "kubernetes.io~configmap", "settings"), "color");
    expect(readFileSync(file, "utf8")).to.equal("red");
    await harness.api
      .client()
      .configmaps("default")
      .patch("settings", { data: { color: "blue" } });
    await harness.until("the file is blue", () => readFileSync(file, "utf8") === "blue");
  });

  it("says why an image cannot be had, and backs off", async () => {
    harness = await startHarness({ pullable: [] });
    await harness.create(
      aPod("web"),
      aPod("never", { containers: [{ name: "main", image: "app:1", imagePullPolicy: "Never" }] }),
    );
    await harness.until("the back-off", () => container("web")?.state?.waiting?.reason === "ImagePullBackOff", 15_000);
    expect(container("never")?.state?.waiting?.reason).to.equal("ErrImageNeverPull");
    expect(harness.pod("web")?.status?.phase).to.equal("Pending");
    expect(harness.events("web")).to.include.members([
      'Pulling: Pulling image "app:1"',
      "Failed: Error: ErrImagePull",
      'BackOff: Back-off pulling image "app:1"',
    ]);
  });

  it("kills a container whose postStart hook fails", async () => {
    harness = await startHarness({
      present: ["app:1"],
      behaviours: () => ({ exec: () => ({ exitCode: 1, stderr: "bad" }) }),
    });
    const lifecycle = { postStart: { exec: { command: ["prepare"] } } };
    await harness.create(aPod("web", { containers: [{ name: "main", image: "app:1", lifecycle }] }));
    await harness.until("the hook error", () =>
      harness.events("web").some((event) => event.startsWith("FailedPostStartHook")),
    );
    await harness.until("the restart is counted", () => (container("web")?.restartCount ?? 0) >= 1, 15_000);
  });

  it("runs init containers one after another and a sidecar beside the main one", async () => {
    harness = await startHarness({
      present: ["app:1"],
      behaviours: (config) => (config.metadata?.name.startsWith("init") ? { exitAfterMs: 500 } : {}),
    });
    const initContainers = [
      { name: "init-1", image: "app:1" },
      { name: "side", image: "app:1", restartPolicy: "Always" },
      { name: "init-2", image: "app:1" },
    ];
    await harness.create(aPod("web", { initContainers }));
    await harness.until("the pod runs", () => harness.pod("web")?.status?.phase === "Running");
    const status = harness.pod("web")?.status;
    expect(
      status?.initContainerStatuses?.map((each) => [each.name, each.ready, Object.keys(each.state ?? {})[0]]),
    ).to.deep.equal([
      ["init-1", true, "terminated"],
      ["side", true, "running"],
      ["init-2", true, "terminated"],
    ]);
    expect(harness.events("web").filter((event) => event.startsWith("Started"))).to.deep.equal([
      "Started: Started container init-1",
      "Started: Started container side",
      "Started: Started container init-2",
      "Started: Started container main",
    ]);
  });

  it("ends a pod that has run longer than its deadline, and one that is done", async () => {
    harness = await startHarness({
      present: ["app:1"],
      behaviours: (config) => (config.labels["io.kubernetes.pod.name"] === "job" ? { exitAfterMs: 100 } : {}),
    });
    await harness.create(
      aPod("slow", { activeDeadlineSeconds: 2, terminationGracePeriodSeconds: 1 }),
      aPod("job", { restartPolicy: "Never" }),
    );
    await harness.until(
      "the deadline",
      () =>
        harness.pod("slow")?.status?.reason === "DeadlineExceeded" && harness.pod("slow")?.status?.phase === "Failed",
      10_000,
    );
    expect(harness.pod("job")?.status).to.include({ phase: "Succeeded" });
    expect(container("job")?.state?.terminated?.reason).to.equal("Completed");
  });

  it("rejects a pod that asks for more than the node has", async () => {
    harness = await startHarness({ present: ["app:1"] });
    await harness.until("the node is known", () => harness.kubelet.node.allocatable["cpu"]);
    await harness.create(
      aPod("big", { containers: [{ name: "main", image: "app:1", resources: { requests: { cpu: "64" } } }] }),
    );
    await harness.until("the verdict", () => harness.pod("big")?.status?.phase === "Failed");
    expect(harness.pod("big")?.status).to.deep.include({
      reason: "OutOfcpu",
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 64000, used: 0, capacity: 2000",
    });
    expect(harness.cri.calls).to.not.include("runPodSandbox");
  });

  it("makes a new sandbox when the old one dies", async () => {
    harness = await startHarness({ present: ["app:1"] });
    await harness.create(aPod("web"));
    await harness.until("the pod runs", () => harness.pod("web")?.status?.phase === "Running");
    harness.cri.killSandbox((await harness.cri.runtime.listPodSandbox())[0]?.id ?? "");
    await harness.until(
      "it runs again",
      () => container("web")?.state?.running && container("web")?.restartCount === 1,
      40_000,
    );
    expect(harness.events("web")).to.include("SandboxChanged: Pod sandbox changed, it will be killed and re-created.");
  });

  it("runs the preStop hook before it stops a container", async () => {
    const hooks: string[] = [];
    const exec = (cmd: readonly string[]) => {
      hooks.push(cmd.join(" "));
      return { exitCode: 0 };
    };
    harness = await startHarness({ present: ["app:1"], behaviours: () => ({ exec }) });
    await harness.create(
      aPod("web", {
        containers: [{ name: "main", image: "app:1", lifecycle: { preStop: { exec: { command: ["drain", "now"] } } } }],
      }),
    );
    await harness.until("the pod runs", () => harness.pod("web")?.status?.phase === "Running");
    await harness.api.client().pods("default").delete("web", { gracePeriodSeconds: 5 });
    await harness.until("the pod is gone", () => !harness.pod("web"), 10_000);
    expect(hooks).to.deep.equal(["drain now"]);
  });

  it("runs static pods and mirrors them to the API", async () => {
    const manifests = mkdtempSync(join(tmpdir(), "tskube-manifests-"));
    harness = await startHarness({ present: ["app:1"], config: { podManifestPath: manifests } });
    await harness.until("pods are followed", () => harness.kubelet.node.allocatable["cpu"]);
    writeFileSync(
      join(manifests, "etcd.yaml"),
      "apiVersion: v1\nkind: Pod\nmetadata: {name: etcd, namespace: default}\nspec: {containers: [{name: main, image: 'app:1'}]}\n",
    );
    await harness.until(
      "the mirror shows it running",
      () => harness.pod(`etcd-${nodeName}`)?.status?.phase === "Running",
      20_000,
    );
    expect(harness.pod(`etcd-${nodeName}`)?.metadata.annotations).to.include.keys(
      "kubernetes.io/config.mirror",
      "kubernetes.io/config.hash",
    );
    rmSync(join(manifests, "etcd.yaml"));
    await harness.until(
      "pod and mirror are gone",
      () => !harness.pod(`etcd-${nodeName}`) && [...harness.kubelet.view.pods()].length === 0,
      60_000,
    );
    rmSync(manifests, { recursive: true });
  });
});
