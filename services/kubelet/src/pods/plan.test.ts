import { expect } from "chai";
import { aContainer, aRuntimePod, aSandbox, findings, specOf } from "../testing/runtime-pods.ts";
import { isEmptyPlan, planPod } from "./plan.ts";

const twoContainers = specOf({
  containers: [
    { name: "a", image: "app:1" },
    { name: "b", image: "app:1" },
  ],
});

describe("pod plan", () => {
  it("makes a sandbox and starts all containers of a new pod", () => {
    expect(planPod(twoContainers, aRuntimePod([], []), findings())).to.deep.include({
      killPod: false,
      sandbox: { attempt: 0 },
      start: [0, 1],
    });
  });

  it("does nothing for a pod that is as it should be", () => {
    expect(isEmptyPlan(planPod(twoContainers, aRuntimePod([aContainer("a"), aContainer("b")]), findings()))).to.equal(
      true,
    );
  });

  it("restarts just the container that ended", () => {
    const runtime = aRuntimePod([aContainer("a", { state: "exited", exitCode: 1 }), aContainer("b")]);
    expect(planPod(twoContainers, runtime, findings())).to.deep.include({ killPod: false, start: [0], kill: [] });
  });

  it("replaces a sandbox that died and numbers the next one", () => {
    const runtime = aRuntimePod([aContainer("a", { state: "exited" })], [aSandbox({ isReady: false, attempt: 2 })]);
    expect(planPod(twoContainers, runtime, findings())).to.deep.include({
      killPod: true,
      sandbox: { attempt: 3 },
      start: [0, 1],
    });
  });

  it("replaces a sandbox without an address unless the pod has the host's", () => {
    const runtime = aRuntimePod([], [aSandbox({ ips: [] })]);
    expect(planPod(specOf({}), runtime, findings()).sandbox).to.deep.equal({ attempt: 1 });
    const onHost = aRuntimePod([], [aSandbox({ ips: [], usesHostNetwork: true })]);
    expect(planPod(specOf({ hostNetwork: true }), onHost, findings()).sandbox).to.equal(undefined);
  });

  it("makes no new sandbox for a pod that never restarts and has run", () => {
    const runtime = aRuntimePod([aContainer("main", { state: "exited" })], [aSandbox({ isReady: false })]);
    const plan = planPod(specOf({ restartPolicy: "Never" }), runtime, findings());
    expect(plan).to.deep.include({ killPod: true, start: [] });
    expect(plan.sandbox).to.equal(undefined);
  });

  it("stops a pod whose containers have all ended for good", () => {
    const runtime = aRuntimePod([aContainer("main", { state: "exited" })]);
    expect(planPod(specOf({ restartPolicy: "OnFailure" }), runtime, findings()).killPod).to.equal(true);
    const failed = aRuntimePod([aContainer("main", { state: "exited", exitCode: 1 })]);
    expect(planPod(specOf({ restartPolicy: "OnFailure" }), failed, findings())).to.deep.include({
      killPod: false,
      start: [0],
    });
  });

  it("replaces a container whose image changed", () => {
    const plan = planPod(
      specOf({ containers: [{ name: "main", image: "app:2" }] }),
      aRuntimePod([aContainer("main")]),
      findings(),
    );
    expect(plan.kill.map(({ id, message }) => [id, message])).to.deep.equal([
      ["main-0", "Container main definition changed, will be restarted"],
    ]);
    expect(plan.start).to.deep.equal([0]);
  });

  it("restarts a container that failed its liveness probe, and only stops it where the policy is Never", () => {
    const runtime = aRuntimePod([aContainer("main")]);
    const unwell = findings({ liveness: { "main-0": "failure" } });
    const plan = planPod(specOf({}), runtime, unwell);
    expect(plan.kill[0]?.message).to.equal("Container main failed liveness probe, will be restarted");
    expect(plan.start).to.deep.equal([0]);
    const once = planPod(specOf({ restartPolicy: "Never" }), runtime, unwell);
    expect(once.kill[0]?.message).to.equal("Container main failed liveness probe");
    expect(once.start).to.deep.equal([]);
  });

  it("follows a container's own restart policy and rules", () => {
    const containers = [
      {
        name: "main",
        image: "app:1",
        restartPolicy: "Never",
        restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "In", values: [42] } }],
      },
      { name: "other", image: "app:1" },
    ];
    const ended = (exitCode: number) =>
      aRuntimePod([aContainer("main", { state: "exited", exitCode }), aContainer("other")]);
    expect(planPod(specOf({ containers }), ended(42), findings()).start).to.deep.equal([0]);
    expect(planPod(specOf({ containers }), ended(1), findings()).start).to.deep.equal([]);
  });

  it("starts an ephemeral container once", () => {
    const pod = specOf({ ephemeralContainers: [{ name: "debug", image: "sh:1" }] });
    expect(planPod(pod, aRuntimePod([aContainer("main")]), findings()).startEphemeral).to.deep.equal([0]);
    const ended = aRuntimePod([aContainer("debug", { state: "exited", exitCode: 1 }), aContainer("main")]);
    expect(planPod(pod, ended, findings()).startEphemeral).to.deep.equal([]);
  });
});

describe("plan of init containers", () => {
  const inits = specOf({
    initContainers: [
      { name: "i0", image: "app:1" },
      { name: "i1", image: "app:1" },
    ],
  });
  const started = (...containers: ReturnType<typeof aContainer>[]) =>
    planPod(inits, aRuntimePod(containers), findings());

  it("runs them one after another and then the regular ones", () => {
    expect(planPod(inits, aRuntimePod([], []), findings())).to.deep.include({ startInit: [0], start: [] });
    expect(isEmptyPlan(started(aContainer("i0")))).to.equal(true);
    expect(started(aContainer("i0", { state: "exited" }))).to.deep.include({ startInit: [1], start: [] });
    expect(started(aContainer("i1", { state: "exited" }), aContainer("i0", { state: "exited" }))).to.deep.include({
      startInit: [],
      start: [0],
    });
  });

  it("repeats a failed one, and gives the pod up where the policy is Never", () => {
    const failed = [aContainer("i0", { state: "exited", exitCode: 1 })];
    expect(started(...failed).startInit).to.deep.equal([0]);
    const never = specOf({ ...inits.spec, restartPolicy: "Never" });
    expect(planPod(never, aRuntimePod(failed), findings())).to.deep.include({ killPod: true, startInit: [] });
  });

  it("does not run them again after a container restart, even when they are gone", () => {
    const runtime = aRuntimePod([aContainer("main", { state: "exited", exitCode: 1 })]);
    expect(planPod(inits, runtime, findings())).to.deep.include({ startInit: [], start: [0] });
  });

  it("runs them again in a new sandbox", () => {
    const runtime = aRuntimePod(
      [aContainer("main", { state: "exited", sandboxId: "old" })],
      [aSandbox({ id: "new", attempt: 1 })],
    );
    expect(planPod(inits, runtime, findings())).to.deep.include({ startInit: [0], start: [] });
  });

  describe("that keep running", () => {
    const sidecar = {
      name: "side",
      image: "app:1",
      restartPolicy: "Always",
      startupProbe: { exec: { command: ["true"] } },
    };
    const pod = specOf({ initContainers: [sidecar, { name: "i1", image: "app:1" }] });

    it("hold up their successors until they have started", () => {
      expect(isEmptyPlan(planPod(pod, aRuntimePod([aContainer("side")]), findings()))).to.equal(true);
      const passed = findings({ startup: { "side-0": "success" } });
      expect(planPod(pod, aRuntimePod([aContainer("side")]), passed).startInit).to.deep.equal([1]);
    });

    it("are restarted when they end, without holding up the rest", () => {
      const runtime = aRuntimePod([aContainer("i1", { state: "exited" }), aContainer("side", { state: "exited" })]);
      expect(planPod(pod, runtime, findings())).to.deep.include({ startInit: [0], start: [0] });
    });
  });
});
