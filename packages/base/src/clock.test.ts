import { expect } from "chai";
import { sleep, systemClock } from "./clock.ts";
import { FakeClock } from "./testing/fake-clock.ts";

describe("clocks", () => {
  it("fire timers in the order of their times, and not those that were cancelled", async () => {
    const clock = new FakeClock(0);
    const fired: string[] = [];
    clock.after(20, () => fired.push(`b at ${clock.now()}`));
    clock.after(10, () => {
      fired.push(`a at ${clock.now()}`);
      clock.after(5, () => fired.push(`c at ${clock.now()}`));
    });
    clock.after(15, () => fired.push("never"))();
    await clock.advance(30);
    expect(fired).to.deep.equal(["a at 10", "c at 15", "b at 20"]);
    expect(clock.pending).to.equal(0);
  });

  it("end a sleep early when its signal aborts and leave no timer", async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const asleep = sleep(clock, 1_000, controller.signal);
    controller.abort();
    await asleep;
    expect(clock.pending).to.equal(0);
    await sleep(clock, 1_000, controller.signal);
  });

  it("take delays that Node's timers would fire at once", async () => {
    let hasFired = false;
    const cancel = systemClock.after(2 ** 40, () => {
      hasFired = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    cancel();
    expect(hasFired).to.equal(false);
  });
});
