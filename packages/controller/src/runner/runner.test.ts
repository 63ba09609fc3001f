import { conflict } from "@tskube/apimachinery";
import { type Logger, silentLogger } from "@tskube/base";
import { expect } from "chai";
import { after, type Controller, done, self, terminal } from "../controller.ts";
import { type ControllerTest, controllerTest } from "../testing/index.ts";

describe("controller runner", () => {
  let t: ControllerTest;
  const seen: string[] = [];

  beforeEach(() => {
    t = controllerTest();
    seen.length = 0;
  });
  afterEach(() => t.stop());

  /** A controller of pods that writes down its keys and does what `reconcile` says. */
  function noting(
    reconcile: (key: string, signal: AbortSignal) => Promise<typeof done> = async () => done,
    more: Partial<Controller> = {},
  ) {
    return (): Controller => ({
      name: "noting",
      wakeOn: { Pod: self },
      reconcile(key, signal) {
        seen.push(key);
        return reconcile(key, signal);
      },
      ...more,
    });
  }

  const pod = (name: string, nodeName?: string) =>
    t.api.seed("Pod", {
      metadata: { name, namespace: "default" },
      spec: { containers: [], ...(nodeName && { nodeName }) },
    } as never);

  it("waits for its informers before the first reconcile, then works on what is there", async () => {
    pod("a");
    t.api.goDown();
    await t.start(noting());
    expect(seen).to.deep.equal([]);
    t.api.restart();
    await t.settle(1_000);
    expect(seen).to.deep.equal(["default/a"]);
  });

  it("wakes the keys of an object as it was and as it is", async () => {
    const byNode = noting(undefined, { wakeOn: { Pod: (one) => one.spec?.nodeName } });
    pod("a", "n1");
    await t.start(byNode);
    t.api.change("Pod", "default/a", (one) => {
      if (one.spec) one.spec.nodeName = "n2";
    });
    await t.settle();
    expect(seen).to.deep.equal(["n1", "n1", "n2"]);
  });

  it("passes over updates that a rule does not let through", async () => {
    const onNodeChange = noting(undefined, {
      wakeOn: { Pod: { keys: self, onUpdate: (old, one) => old.spec?.nodeName !== one.spec?.nodeName } },
    });
    pod("a");
    await t.start(onNodeChange);
    t.api.change("Pod", "default/a", (one) => {
      one.metadata.labels = { seen: "no" };
    });
    await t.settle();
    expect(seen).to.have.length(1);
  });

  it("tries a key again with growing waits until it succeeds", async () => {
    let failures = 3;
    const failing = noting(async () => {
      if (failures-- > 0) throw new Error("not yet");
      return done;
    });
    pod("a");
    await t.start(failing);
    expect(seen).to.have.length(1);
    await t.settle(5);
    expect(seen).to.have.length(2);
    await t.settle(9);
    expect(seen).to.have.length(2);
    await t.settle(1);
    expect(seen).to.have.length(3);
    await t.settle(60_000);
    expect(seen).to.have.length(4);
  });

  it("does not try again what is hopeless, until something changes", async () => {
    const hopeless = noting(async () => {
      throw terminal(new Error("never"));
    });
    pod("a");
    await t.start(hopeless);
    await t.settle(60_000);
    expect(seen).to.have.length(1);
    t.api.remove({ group: "", version: "v1", resource: "pods", kind: "Pod", namespaced: true }, "default/a");
    await t.settle();
    expect(seen).to.have.length(2);
  });

  it("looks again after the time a reconcile asked for", async () => {
    pod("a");
    await t.start(noting(async () => (seen.length < 2 ? after(10_000) : done)));
    await t.settle(9_999);
    expect(seen).to.have.length(1);
    await t.settle(1);
    expect(seen).to.have.length(2);
  });

  it("says nothing loud when another writer was faster", async () => {
    await t.stop();
    const lines: string[] = [];
    const logger: Logger = {
      ...silentLogger,
      child: () => logger,
      debug: (_fields: unknown, message: string) => void lines.push(`debug ${message}`),
      warn: (_fields: unknown, message: string) => void lines.push(`warn ${message}`),
    } as Logger;
    t = controllerTest({ logger });
    const losing = noting(async () => {
      if (seen.length === 1) throw conflict({ group: "", resource: "pods" }, "a", "changed");
      throw new Error("broken");
    });
    pod("a");
    await t.start(losing);
    await t.settle(5);
    expect(lines).to.include("debug object has changed meanwhile, trying again");
    expect(lines.filter((line) => line.startsWith("warn"))).to.deep.equal(["warn reconcile failed, trying again"]);
  });

  it("goes on with other keys when a reconcile is broken, and counts the panic", async () => {
    const broken = noting(async (key) => {
      if (key === "default/a") throw new TypeError("undefined is not a pod");
      return done;
    });
    pod("a");
    pod("b");
    await t.start(broken);
    expect(seen).to.deep.equal(["default/a", "default/b"]);
    const page = (await t.deps.metrics?.metrics()) ?? "";
    expect(page).to.contain('controller_runtime_reconcile_panics_total{controller="noting"} 1');
    expect(page).to.contain('controller_runtime_reconcile_total{controller="noting",result="success"} 1');
    expect(page).to.contain('workqueue_retries_total{name="noting"} 1');
  });

  it("gives up a reconcile that takes longer than its time, even one that ignores its signal", async () => {
    const signals: AbortSignal[] = [];
    const hanging = noting(
      async (_key, signal) => {
        signals.push(signal);
        return signals.length === 1 ? new Promise<never>(() => {}) : done;
      },
      { timeoutMs: 1_000 },
    );
    pod("a");
    await t.start(hanging);
    await t.settle(1_100);
    expect(signals.map((signal) => signal.aborted)).to.deep.equal([true, false]);
  });

  it("works on as many keys at once as it has workers", async () => {
    const release: Array<() => void> = [];
    const slow = noting(() => new Promise((resolve) => release.push(() => resolve(done))), { workers: 2 });
    for (const name of ["a", "b", "c"]) pod(name);
    await t.start(slow);
    expect(seen).to.have.length(2);
    release[0]?.();
    await t.settle();
    expect(seen).to.have.length(3);
    for (const go of release) go();
  });

  it("ends after the reconciles under way when stopped", async () => {
    let isEnded = false;
    const slow = noting(async (_key, signal) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      await Promise.resolve();
      isEnded = true;
      return done;
    });
    pod("a");
    await t.start(slow);
    await t.stop();
    expect(isEnded).to.equal(true);
    expect(t.clock.pending).to.equal(0);
  });

  it("wakes for reasons of its own", async () => {
    await t.start(noting(undefined, { start: (wake) => wake("tick", 5_000) }));
    await t.settle(5_000);
    expect(seen).to.deep.equal(["tick"]);
  });
});
