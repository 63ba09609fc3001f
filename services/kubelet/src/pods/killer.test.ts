import type { Pod } from "@tskube/api";
import { silentLogger, sleep } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { aContainer, aRuntimePod, specOf } from "../testing/runtime-pods.ts";
import { Killer } from "./killer.ts";

function situation(hookMs = 0, hookError?: string) {
  const clock = new FakeClock();
  const startedAt = clock.now();
  const acts: string[] = [];
  const events: string[] = [];
  const at = () => (clock.now() - startedAt) / 1000;
  const runtime = {
    stopContainer: async (id: string, graceSeconds: number) =>
      void acts.push(`${at()}s stop ${id} in ${graceSeconds}s`),
    stopPodSandbox: async (id: string) => void acts.push(`${at()}s stop sandbox ${id}`),
  };
  const killer = new Killer({
    runtime: runtime as never,
    events: {
      pod() {},
      container: (_pod, _container, _type, reason, message) => void events.push(`${reason}: ${message}`),
    },
    hooks: async (_pod, _container, id, _handler, signal) => {
      acts.push(`${at()}s hook ${id}`);
      await sleep(clock, hookMs, signal);
      if (hookError) throw new Error(hookError);
    },
    clock,
    logger: silentLogger,
  });
  return { acts, clock, events, killer };
}

const lifecycle = { preStop: { exec: { command: ["drain"] } } };
const withHook = (spec: Partial<Pod["spec"]> = {}) =>
  specOf({ containers: [{ name: "main", image: "app:1", lifecycle }], ...spec });

describe("stopping containers", () => {
  it("gives the time that the preStop hook has left", async () => {
    const { acts, clock, killer } = situation(4000);
    const killed = killer.killPod(withHook({ terminationGracePeriodSeconds: 10 }), aRuntimePod([aContainer("main")]));
    await clock.advance(5000);
    await killed;
    expect(acts).to.deep.equal(["0s hook main-0", "4s stop main-0 in 6s", "4s stop sandbox s0"]);
  });

  it("ends a hook that takes the whole grace period, and still leaves two seconds", async () => {
    const { acts, clock, killer } = situation(60_000);
    const killed = killer.killPod(withHook({ terminationGracePeriodSeconds: 5 }), aRuntimePod([aContainer("main")]));
    await clock.advance(6000);
    await killed;
    expect(acts).to.deep.equal(["0s hook main-0", "5s stop main-0 in 2s", "5s stop sandbox s0"]);
  });

  it("tells of a hook that fails and stops the container all the same", async () => {
    const { acts, clock, events, killer } = situation(0, "no luck");
    const killed = killer.killPod(withHook(), aRuntimePod([aContainer("main")]));
    await clock.advance(0);
    await killed;
    expect(events).to.deep.equal(["Killing: Stopping container main", "FailedPreStopHook: no luck"]);
    expect(acts).to.include("0s stop main-0 in 30s");
  });

  it("runs no hook when there is no grace", async () => {
    const { acts, killer } = situation();
    await killer.killPod(withHook(), aRuntimePod([aContainer("main")]), { graceSeconds: 0 });
    expect(acts).to.deep.equal(["0s stop main-0 in 0s", "0s stop sandbox s0"]);
  });

  it("stops sidecars after the others, the last started first", async () => {
    const { acts, killer } = situation();
    const initContainers = ["s1", "s2"].map((name) => ({ name, restartPolicy: "Always" }));
    const running = aRuntimePod([
      aContainer("main"),
      aContainer("s2"),
      aContainer("s1"),
      aContainer("old", { state: "exited" }),
    ]);
    await killer.killPod(specOf({ initContainers }), running, { graceSeconds: 10 });
    expect(acts.map((act) => act.split(" ").slice(1, 3).join(" "))).to.deep.equal([
      "stop main-0",
      "stop s2-0",
      "stop s1-0",
      "stop sandbox",
    ]);
  });
});
