import type { ContainerStatus, Pod, PodStatus } from "@tskube/api";
import { expect } from "chai";
import type { RuntimePod } from "../runtime/model.ts";
import { aContainer, aRuntimePod, aSandbox, findings, specOf } from "../testing/runtime-pods.ts";
import type { StartFailure } from "./container-status.ts";
import { podStatus } from "./pod-status.ts";

const nowMs = Date.parse("2030-01-01T00:00:10Z");

interface Situation {
  readonly failures?: Record<string, StartFailure>;
  readonly previous?: PodStatus;
  readonly isTerminal?: boolean;
  readonly unready?: string;
}

function statusOf(
  pod: Pod,
  runtime: RuntimePod,
  { failures = {}, previous, isTerminal = false, unready }: Situation = {},
): PodStatus {
  return podStatus({
    pod,
    runtime,
    runtimeName: "containerd",
    probes: { ...findings(), isReady: (container) => container.name !== unready },
    failures: new Map(Object.entries(failures)),
    previous,
    hostIps: ["192.0.2.1"],
    nowMs,
    isTerminal,
  });
}

const first = (status: PodStatus) => status.containerStatuses?.[0] as ContainerStatus;
const condition = (status: PodStatus, type: string) => status.conditions?.find((each) => each.type === type);

describe("pod status", () => {
  it("of a pod without sandbox waits for its containers to be created", () => {
    const status = statusOf(specOf({}, { generation: 1 }), aRuntimePod([], []));
    expect(status).to.deep.include({
      phase: "Pending",
      hostIP: "192.0.2.1",
      startTime: "2030-01-01T00:00:10Z",
      qosClass: "BestEffort",
      observedGeneration: 1,
    });
    expect(first(status)).to.deep.include({
      state: { waiting: { reason: "ContainerCreating" } },
      lastState: {},
      ready: false,
      restartCount: 0,
    });
    expect(status.podIP).to.equal(undefined);
    expect(condition(status, "ContainersReady")).to.include({
      status: "False",
      reason: "ContainersNotReady",
      message: "containers with unready status: [main]",
    });
  });

  it("of a running pod is ready with its address", () => {
    const status = statusOf(specOf({}), aRuntimePod([aContainer("main")]));
    expect(status).to.deep.include({ phase: "Running", podIP: "10.0.0.5", podIPs: [{ ip: "10.0.0.5" }] });
    expect(first(status)).to.deep.include({
      containerID: "containerd://main-0",
      state: { running: { startedAt: "1970-01-01T00:00:02Z" } },
      ready: true,
      started: true,
    });
    expect(status.conditions?.map(({ type, status: value }) => `${type}=${value}`)).to.deep.equal([
      "PodReadyToStartContainers=True",
      "Initialized=True",
      "Ready=True",
      "ContainersReady=True",
      "PodScheduled=True",
    ]);
    expect(condition(status, "Ready")).to.have.property("lastProbeTime", null);
  });

  it("keeps a condition's transition time until its status changes", () => {
    const pod = specOf({});
    const before = statusOf(pod, aRuntimePod([aContainer("main")]));
    const aged = {
      ...before,
      conditions: before.conditions?.map((each) => ({ ...each, lastTransitionTime: "2029-01-01T00:00:00Z" })),
    } as PodStatus;
    const after = statusOf(pod, aRuntimePod([aContainer("main")]), { previous: aged, unready: "main" });
    expect(condition(after, "Initialized")?.lastTransitionTime).to.equal("2029-01-01T00:00:00Z");
    expect(condition(after, "Ready")?.lastTransitionTime).to.equal("2030-01-01T00:00:10Z");
  });

  it("leaves conditions of others and reads readiness gates from them", () => {
    const pod = specOf({ readinessGates: [{ conditionType: "example.com/gate" }] });
    const runtime = aRuntimePod([aContainer("main")]);
    const closed = statusOf(pod, runtime);
    expect(condition(closed, "Ready")).to.include({
      reason: "ReadinessGatesNotReady",
      message: 'corresponding condition of pod readiness gate "example.com/gate" does not exist.',
    });
    const gate = { type: "example.com/gate", status: "True" };
    const open = statusOf(pod, runtime, { previous: { ...closed, conditions: [...(closed.conditions ?? []), gate] } });
    expect(condition(open, "Ready")?.status).to.equal("True");
    expect(condition(open, "example.com/gate")).to.deep.equal(gate);
  });

  it("of a container in back-off waits and tells how the last instance ended", () => {
    const failure = {
      reason: "CrashLoopBackOff",
      message: "back-off 10s restarting failed container=main pod=web_default(uid)",
    };
    const runtime = aRuntimePod([
      aContainer("main", { state: "exited", exitCode: 3, restartCount: 1 }),
      aContainer("main", { state: "exited", exitCode: 4, restartCount: 0 }),
    ]);
    const status = statusOf(specOf({}), runtime, { failures: { main: failure } });
    expect(first(status)).to.deep.include({ state: { waiting: failure }, restartCount: 1 });
    expect(first(status).lastState?.terminated).to.include({
      exitCode: 3,
      reason: "Error",
      containerID: "containerd://main-1",
    });
    expect(status.phase).to.equal("Running");
  });

  it("of a container that just ended shows its end until the restart", () => {
    const status = statusOf(specOf({}), aRuntimePod([aContainer("main", { state: "exited", exitCode: 0 })]));
    expect(first(status).state?.terminated).to.include({ exitCode: 0, reason: "Completed" });
  });

  it("shows the former instance beside the running one", () => {
    const runtime = aRuntimePod([
      aContainer("main", { restartCount: 1 }),
      aContainer("main", { state: "exited", exitCode: 137, reason: "OOMKilled" }),
    ]);
    expect(first(statusOf(specOf({}), runtime)).lastState?.terminated).to.include({
      exitCode: 137,
      reason: "OOMKilled",
    });
  });

  it("of a run-to-completion pod succeeds or fails by its exit codes", () => {
    const ended = (exitCode: number) => aRuntimePod([aContainer("main", { state: "exited", exitCode })]);
    const job = specOf({ restartPolicy: "Never" });
    const success = statusOf(job, ended(0));
    expect(success.phase).to.equal("Succeeded");
    expect(condition(success, "Ready")).to.include({ status: "False", reason: "PodCompleted" });
    expect(statusOf(job, ended(1)).phase).to.equal("Failed");
    expect(statusOf(specOf({ restartPolicy: "OnFailure" }), ended(1)).phase).to.equal("Running");
  });

  it("of a pod that was stopped has failed unless all it had to do was done", () => {
    const stopped = aRuntimePod(
      [aContainer("main", { state: "exited", exitCode: 143 })],
      [aSandbox({ isReady: false })],
    );
    expect(statusOf(specOf({}), stopped, { isTerminal: true }).phase).to.equal("Failed");
    const done = aRuntimePod([aContainer("main", { state: "exited", exitCode: 0 })], [aSandbox({ isReady: false })]);
    expect(statusOf(specOf({}), done, { isTerminal: true }).phase).to.equal("Succeeded");
  });

  it("tells that a container is lost which was reported running and is known no more", () => {
    const pod = specOf({});
    const previous = statusOf(pod, aRuntimePod([aContainer("main")]));
    const status = first(statusOf(pod, aRuntimePod([], []), { previous }));
    expect(status.lastState?.terminated).to.include({ exitCode: 137, reason: "ContainerStatusUnknown" });
    expect(status.restartCount).to.equal(1);
  });

  describe("with init containers", () => {
    const pod = specOf({
      initContainers: [
        { name: "i0", image: "app:1" },
        { name: "i1", image: "app:1" },
      ],
    });

    it("waits for initialization", () => {
      const status = statusOf(pod, aRuntimePod([aContainer("i0")]));
      expect(status.phase).to.equal("Pending");
      expect(first(status).state).to.deep.equal({ waiting: { reason: "PodInitializing" } });
      expect(condition(status, "Initialized")).to.include({
        status: "False",
        reason: "ContainersNotInitialized",
        message: "containers with incomplete status: [i0 i1]",
      });
    });

    it("is initialized when all have succeeded", () => {
      const runtime = aRuntimePod([
        aContainer("main"),
        aContainer("i1", { state: "exited" }),
        aContainer("i0", { state: "exited" }),
      ]);
      const status = statusOf(pod, runtime);
      expect(status.phase).to.equal("Running");
      expect(status.initContainerStatuses?.map(({ ready }) => ready)).to.deep.equal([true, true]);
      expect(condition(status, "Initialized")?.status).to.equal("True");
    });

    it("fails with the first failed one where the policy is Never", () => {
      const runtime = aRuntimePod([aContainer("i0", { state: "exited", exitCode: 1 })]);
      expect(statusOf(specOf({ ...pod.spec, restartPolicy: "Never" }), runtime).phase).to.equal("Failed");
      expect(statusOf(pod, runtime).phase).to.equal("Pending");
    });
  });
});
