import type { Container, Pod } from "@tskube/api";
import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import type { RuntimePod } from "../runtime/model.ts";
import { aContainer, aRuntimePod, specOf } from "../testing/runtime-pods.ts";
import type { Outcome } from "./probe.ts";
import { ProbeManager } from "./probe-manager.ts";

const exec = { exec: { command: ["check"] } };

function situation(container: Partial<Container>) {
  const clock = new FakeClock(Date.parse("2030-01-01T00:00:00Z"));
  const whole = { name: "main", image: "app:1", ...container };
  const pod: Pod = specOf({ containers: [whole] });
  const startedAtMs = clock.now();
  let runtime: RuntimePod = aRuntimePod([aContainer("main", { startedAtMs })]);
  let outcome: Outcome = { result: "success", output: "" };
  const tries: { at: number; command: string[] }[] = [];
  const events: string[] = [];
  const changes: string[] = [];
  const manager = new ProbeManager({
    view: { get: () => runtime } as never,
    handler: async (probe) => {
      tries.push({ at: (clock.now() - startedAtMs) / 1000, command: probe.exec?.command ?? [] });
      return outcome;
    },
    events: {
      pod() {},
      container: (_pod, _container, _type, reason, message) => void events.push(`${reason}: ${message}`),
    },
    clock,
    logger: silentLogger,
    hostIp: () => "192.0.2.1",
    onChange: (uid) => void changes.push(uid),
  });
  return {
    clock,
    manager,
    pod,
    container: whole,
    tries,
    events,
    changes,
    fail: (output: string) => {
      outcome = { result: "failure", output };
    },
    succeed: () => {
      outcome = { result: "success", output: "" };
    },
    restart: () => {
      runtime = aRuntimePod([aContainer("main", { restartCount: 1, startedAtMs: clock.now() })]);
    },
  };
}

describe("probes", () => {
  it("begin after the initial delay and repeat with the period", async () => {
    const { clock, manager, pod, tries } = situation({
      livenessProbe: { ...exec, initialDelaySeconds: 5, periodSeconds: 3 },
    });
    manager.add(pod);
    await clock.advance(12_000);
    expect(tries.map(({ at }) => at)).to.deep.equal([5, 8, 11]);
    manager.close();
    expect(clock.pending).to.equal(0);
  });

  it("find a container dead only after so many failures in a row, and then wait for its successor", async () => {
    const { clock, manager, pod, fail, succeed, restart, events, changes, tries } = situation({
      livenessProbe: { ...exec, periodSeconds: 10, failureThreshold: 2 },
    });
    manager.add(pod);
    fail("no");
    await clock.advance(0);
    succeed();
    await clock.advance(10_000);
    expect(manager.liveness("main-0")).to.equal("success");
    fail("no");
    await clock.advance(20_000);
    expect(manager.liveness("main-0")).to.equal("failure");
    expect(events).to.deep.equal(Array(3).fill("Unhealthy: Liveness probe failed: no"));
    expect(changes).to.deep.equal(["uid"]);
    const sofar = tries.length;
    await clock.advance(60_000);
    expect(tries.length).to.equal(sofar);
    restart();
    succeed();
    manager.containerStarted(pod);
    await clock.advance(0);
    expect(manager.liveness("main-1")).to.equal("success");
    expect(tries.length).to.equal(sofar + 1);
    manager.close();
  });

  it("hold a container unready until the readiness probe succeeds", async () => {
    const { clock, manager, pod, container, fail, succeed } = situation({
      readinessProbe: { ...exec, periodSeconds: 1, successThreshold: 2 },
    });
    fail("not yet");
    manager.add(pod);
    await clock.advance(0);
    expect(manager.isReady(container, "main-0")).to.equal(undefined);
    await clock.advance(2000);
    expect(manager.isReady(container, "main-0")).to.equal(false);
    succeed();
    await clock.advance(1000);
    expect(manager.isReady(container, "main-0")).to.equal(false);
    await clock.advance(1000);
    expect(manager.isReady(container, "main-0")).to.equal(true);
    manager.close();
  });

  it("wait for the startup probe, which ends with its first success", async () => {
    const startup = { exec: { command: ["startup"] }, periodSeconds: 2, failureThreshold: 3 };
    const { clock, manager, pod, container, fail, succeed, tries } = situation({
      startupProbe: startup,
      livenessProbe: { ...exec, periodSeconds: 10 },
    });
    fail("starting");
    manager.add(pod);
    await clock.advance(3000);
    expect(manager.isStarted(container, "main-0")).to.equal(false);
    expect(manager.isReady(container, "main-0")).to.equal(undefined);
    succeed();
    await clock.advance(1000);
    expect(manager.isStarted(container, "main-0")).to.equal(true);
    await clock.advance(10_000);
    expect(tries.map(({ command }) => command[0])).to.deep.equal(["startup", "startup", "startup", "check", "check"]);
    manager.close();
  });

  it("of liveness end when the pod is being stopped, those of readiness go on", async () => {
    const { clock, manager, pod, tries } = situation({
      livenessProbe: { ...exec, periodSeconds: 1 },
      readinessProbe: { exec: { command: ["ready"] }, periodSeconds: 1 },
    });
    manager.add(pod);
    await clock.advance(0);
    manager.stopRestarts("uid");
    tries.length = 0;
    await clock.advance(2000);
    expect(tries.map(({ command }) => command[0])).to.deep.equal(["ready", "ready"]);
    manager.close();
  });
});
