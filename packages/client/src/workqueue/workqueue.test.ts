import { createMetrics } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { exponentialPerKey } from "./limiters.ts";
import { Workqueue } from "./workqueue.ts";

function setup(metrics = createMetrics({ processFigures: false })) {
  const clock = new FakeClock();
  return { clock, metrics, queue: new Workqueue<string>({ clock, name: "test", metrics }) };
}

describe("workqueue", () => {
  it("hands out keys in the order they came and merges doubles", async () => {
    const { queue } = setup();
    for (const key of ["a", "b", "a"]) queue.add(key);
    expect([await queue.take(), await queue.take()]).to.deep.equal(["a", "b"]);
    expect(queue.size).to.equal(0);
  });

  it("gives a key to one worker at a time, and again when it was added meanwhile", async () => {
    const { queue } = setup();
    queue.add("a");
    await queue.take();
    queue.add("a");
    queue.add("a");
    expect(queue.size).to.equal(0);
    queue.done("a");
    expect(await queue.take()).to.equal("a");
    queue.done("a");
    expect(queue.isIdle).to.equal(true);
  });

  it("hands a key to a worker that waits", async () => {
    const { queue } = setup();
    const taken = queue.take();
    queue.add("a");
    expect(await taken).to.equal("a");
  });

  it("keeps the earliest of several delays of a key", async () => {
    const { queue, clock } = setup();
    queue.addAfter("a", 1_000);
    queue.addAfter("a", 100);
    queue.addAfter("a", 500);
    await clock.advance(99);
    expect(queue.size).to.equal(0);
    await clock.advance(1);
    expect(await queue.take()).to.equal("a");
    queue.done("a");
    await clock.advance(2_000);
    expect([queue.size, clock.pending]).to.deep.equal([0, 0]);
  });

  it("doubles the wait of a key that fails, up to the longest, until it is forgotten", () => {
    const limiter = exponentialPerKey<string>();
    expect([1, 2, 3].map(() => limiter.next("a"))).to.deep.equal([5, 10, 20]);
    for (let i = 0; i < 30; i++) limiter.next("a");
    expect(limiter.next("a")).to.equal(1_000_000);
    expect(limiter.next("b")).to.equal(5);
    limiter.forget("a");
    expect(limiter.next("a")).to.equal(5);
  });

  it("limits retries of all keys together after a burst of a hundred", async () => {
    const { queue, clock } = setup();
    for (let i = 0; i < 110; i++) queue.addRateLimited(`k${i}`);
    await clock.advance(5);
    expect(queue.size).to.equal(100);
    await clock.advance(1_000);
    expect(queue.size).to.equal(110);
  });

  it("ends waiting workers and takes nothing more once shut down", async () => {
    const { queue, clock } = setup();
    const taken = queue.take();
    queue.addAfter("later", 10);
    queue.shutDown();
    queue.add("a");
    expect(await taken).to.equal(undefined);
    expect(await queue.take()).to.equal(undefined);
    expect(clock.pending).to.equal(0);
  });

  it("drains what is queued and what is being worked on before it says that it is shut down", async () => {
    const { queue } = setup();
    for (const key of ["a", "b"]) queue.add(key);
    await queue.take();
    let isDrained = false;
    const drained = queue.shutDownWithDrain().then(() => {
      isDrained = true;
    });
    queue.done("a");
    expect(await queue.take()).to.equal("b");
    await Promise.resolve();
    expect(isDrained).to.equal(false);
    queue.done("b");
    await drained;
    expect(await queue.take()).to.equal(undefined);
  });

  it("reports depth, adds, retries and times under upstream's names", async () => {
    const { queue, metrics, clock } = setup();
    queue.add("a");
    queue.addRateLimited("b");
    await clock.advance(2_000);
    await queue.take();
    const page = await metrics.metrics();
    expect(page).to.contain('workqueue_depth{name="test"} 1');
    expect(page).to.contain('workqueue_adds_total{name="test"} 2');
    expect(page).to.contain('workqueue_retries_total{name="test"} 1');
    expect(page).to.contain('workqueue_queue_duration_seconds_sum{name="test"} 2');
  });
});
