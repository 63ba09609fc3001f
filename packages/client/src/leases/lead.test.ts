import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { kinds } from "../kinds.ts";
import { FakeApi } from "../testing/index.ts";
import { LeadershipLost, lead } from "./lead.ts";

describe("leader election", () => {
  let clock: FakeClock;
  let api: FakeApi;
  const log: string[] = [];
  beforeEach(() => {
    clock = new FakeClock();
    api = new FakeApi({ clock });
    log.length = 0;
  });

  /** A candidate that leads until told to stop. */
  function candidate(identity: string, client = api.client()) {
    const stop = new AbortController();
    const ended = lead(
      { client, namespace: "kube-system", name: "scheduler", identity, clock, logger: silentLogger, random: () => 0 },
      async (signal) => {
        log.push(`${identity} leads`);
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        log.push(`${identity} stops`);
      },
      stop.signal,
    ).then(
      () => "ended",
      (error: unknown) => error,
    );
    return { ended, stop: () => stop.abort() };
  }

  const lease = () => api.get(kinds.Lease, "kube-system/scheduler");

  it("takes a lease that is not there and renews it", async () => {
    const a = candidate("a");
    await clock.advance(0);
    expect(lease()?.spec).to.deep.include({ holderIdentity: "a", leaseDurationSeconds: 15, leaseTransitions: 0 });
    const taken = lease()?.spec.renewTime;
    await clock.advance(2_000);
    expect(lease()?.spec.renewTime).to.not.equal(taken);
    expect(lease()?.spec.acquireTime).to.equal(taken);
    a.stop();
    await a.ended;
  });

  it("has one leader while the lease is renewed", async () => {
    const a = candidate("a");
    await clock.advance(0);
    const b = candidate("b");
    await clock.advance(60_000);
    expect(log).to.deep.equal(["a leads"]);
    a.stop();
    b.stop();
    await clock.advance(0);
    await Promise.all([a.ended, b.ended]);
  });

  it("gives the lease back when stopped, so that the next takes it at once", async () => {
    const a = candidate("a");
    await clock.advance(0);
    const b = candidate("b");
    await clock.advance(0);
    a.stop();
    expect(await a.ended).to.equal("ended");
    expect(lease()?.spec.holderIdentity).to.equal("");
    await clock.advance(2_000);
    expect(log).to.deep.equal(["a leads", "a stops", "b leads"]);
    expect(lease()?.spec.leaseTransitions).to.equal(1);
    b.stop();
    await b.ended;
  });

  it("loses the lease when it cannot renew within the deadline, before another takes it", async () => {
    const a = candidate("a");
    await clock.advance(0);
    api.goDown();
    await clock.advance(9_000);
    expect(log).to.deep.equal(["a leads"]);
    await clock.advance(3_000);
    expect(await a.ended).to.be.instanceOf(LeadershipLost);
    expect(log).to.deep.equal(["a leads", "a stops"]);
  });

  it("takes over a lease that did not change for its duration, by the taker's own clock", async () => {
    api.seed("Lease", {
      metadata: { name: "scheduler", namespace: "kube-system" },
      spec: {
        holderIdentity: "dead",
        leaseDurationSeconds: 15,
        renewTime: "1999-01-01T00:00:00.000000Z",
        leaseTransitions: 3,
      },
    });
    const b = candidate("b");
    await clock.advance(14_000);
    expect(log).to.deep.equal([]);
    await clock.advance(2_000);
    expect(log).to.deep.equal(["b leads"]);
    expect(lease()?.spec.leaseTransitions).to.equal(4);
    b.stop();
    await b.ended;
  });

  it("stops leading when another took the lease", async () => {
    const a = candidate("a");
    await clock.advance(0);
    api.change("Lease", "kube-system/scheduler", (one) => {
      one.spec.holderIdentity = "thief";
    });
    await clock.advance(11_000);
    expect(await a.ended).to.be.instanceOf(LeadershipLost);
    expect(lease()?.spec.holderIdentity).to.equal("thief");
  });

  it("rides out a server that restarts", async () => {
    const a = candidate("a");
    await clock.advance(0);
    api.goDown();
    await clock.advance(5_000);
    api.restart();
    await clock.advance(60_000);
    expect(log).to.deep.equal(["a leads"]);
    a.stop();
    await a.ended;
    expect(clock.pending).to.equal(0);
  });
});
