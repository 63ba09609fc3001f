import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { BackOff } from "./back-off.ts";

const second = 1000;

describe("back-off", () => {
  it("waits 0, 10, 20, 40, 80, 160, 300, 300 s from each failure", async () => {
    const clock = new FakeClock();
    const backOff = new BackOff(clock, { baseMs: 10 * second, maxMs: 300 * second });
    const waits: number[] = [];
    for (let restart = 0; restart < 8; restart++) {
      const failedAt = clock.now();
      const waitMs = backOff.remainingMs("main", failedAt);
      waits.push(waitMs / second);
      await clock.advance(waitMs);
      expect(backOff.remainingMs("main", failedAt)).to.equal(0);
      backOff.next("main", failedAt);
    }
    expect(waits).to.deep.equal([0, 10, 20, 40, 80, 160, 300, 300]);
  });

  it("begins anew after a run of twice the longest delay", async () => {
    const clock = new FakeClock();
    const backOff = new BackOff(clock, { baseMs: 10 * second, maxMs: 300 * second });
    backOff.next("main", clock.now());
    backOff.next("main", clock.now());
    expect(backOff.remainingMs("main", clock.now())).to.equal(20 * second);
    await clock.advance(601 * second);
    expect(backOff.remainingMs("main", clock.now())).to.equal(0);
    backOff.next("main", clock.now());
    expect(backOff.delayMs("main")).to.equal(10 * second);
  });
});
