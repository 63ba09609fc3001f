import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { ServerLife } from "./server-life.ts";
import { type ShutDownOptions, shutDown } from "./shut-down.ts";

describe("the end of a server", () => {
  let clock: FakeClock;
  let life: ServerLife;
  let log: string[];
  beforeEach(() => {
    clock = new FakeClock();
    life = new ServerLife();
    log = [];
    life.draining.addEventListener("abort", () => log.push("watches end"));
  });
  const start = (options: Partial<ShutDownOptions> = {}) => {
    const listener = {
      close: async (deadline: AbortSignal) => {
        log.push("port closes");
        await new Promise<void>((resolve) => {
          deadline.addEventListener("abort", () => resolve());
          if (life.underWay === 0 || deadline.aborted) resolve();
        });
        log.push("closed");
      },
    };
    return shutDown({ life, listener, clock }, { delayMs: 0, sendsRetryAfter: false, graceMs: 10_000, ...options });
  };

  it("ends readiness first, and serves for a while", async () => {
    const done = start({ delayMs: 5_000 });
    expect(life.isLeaving).to.equal(true);
    await clock.advance(4_999);
    expect(log).to.deep.equal([]);
    await clock.advance(1);
    await done;
    expect(log).to.deep.equal(["watches end", "port closes", "closed"]);
    expect(life.isRefusing).to.equal(false);
    expect(clock.pending).to.equal(0);
  });

  it("keeps the port open for refusals until requests under way have ended", async () => {
    const left = life.enter();
    const done = start({ sendsRetryAfter: true });
    await clock.advance(3_000);
    expect([life.isRefusing, log.length]).to.deep.equal([true, 0]);
    left();
    await clock.advance(0);
    expect(log).to.deep.equal(["watches end", "port closes", "closed"]);
    await clock.advance(10_000);
    await done;
  });

  it("waits for no request longer than the grace", async () => {
    life.enter();
    const done = start({ sendsRetryAfter: true });
    await clock.advance(9_999);
    expect(log).to.deep.equal([]);
    await clock.advance(1);
    await done;
    expect(log).to.deep.equal(["watches end", "port closes", "closed"]);
  });
});
