import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { startKeyedWorkers } from "./keyed-workers.ts";

describe("workers on keys", () => {
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock();
  });

  function start(reconcile: (key: string, signal: AbortSignal) => Promise<number | undefined>) {
    return startKeyedWorkers("test", 2, { clock, logger: silentLogger, reconcile });
  }

  it("try again what failed, after longer and longer waits", async () => {
    const tries: number[] = [];
    const startedAt = clock.now();
    const workers = start(async () => {
      tries.push(clock.now() - startedAt);
      if (tries.length < 4) throw new Error("not yet");
      return undefined;
    });
    workers.add("a");
    await clock.advance(60_000);
    expect(tries).to.deep.equal([0, 5, 15, 35]);
    await workers.close();
  });

  it("look again when asked to", async () => {
    let looks = 0;
    const workers = start(async () => {
      looks++;
      return 30_000;
    });
    workers.add("a");
    await clock.advance(65_000);
    expect(looks).to.equal(3);
    await workers.close();
    expect(clock.pending).to.equal(0);
  });

  it("never work on one key at once, and miss no call for it", async () => {
    let working = 0;
    let done = 0;
    const finish: Array<() => void> = [];
    const workers = start(async () => {
      expect(++working).to.equal(1);
      await new Promise<void>((resolve) => finish.push(resolve));
      working--;
      done++;
      return undefined;
    });
    workers.add("a");
    await clock.advance(0);
    workers.add("a");
    workers.add("a");
    finish.shift()?.();
    await clock.advance(0);
    finish.shift()?.();
    await clock.advance(0);
    expect([done, finish.length]).to.deep.equal([2, 0]);
    await workers.close();
  });

  it("are told when they are to end, and are waited for", async () => {
    const signals: AbortSignal[] = [];
    const workers = start(async (_key, signal) => {
      signals.push(signal);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return undefined;
    });
    workers.add("a");
    await clock.advance(0);
    await workers.close();
    expect(signals.map(({ aborted }) => aborted)).to.deep.equal([true]);
  });
});
