import { expect } from "chai";
import { ExpiringCache } from "./expiring-cache.ts";
import { FakeClock } from "./testing/index.ts";

describe("expiring cache", () => {
  it("asks once for questions that come together, and again when the answer has aged", async () => {
    const clock = new FakeClock();
    const cache = new ExpiringCache<number>(clock, 10);
    let asked = 0;
    const ask = () =>
      cache.get(
        "key",
        async () => ++asked,
        () => 1_000,
      );
    expect(await Promise.all([ask(), ask()])).to.deep.equal([1, 1]);
    expect(await ask()).to.equal(1);
    await clock.advance(1_001);
    expect(await ask()).to.equal(2);
  });

  it("drops the oldest answer when there are too many, and keeps no failure", async () => {
    const cache = new ExpiringCache<string>(new FakeClock(), 2);
    const failing = () =>
      cache.get(
        "a",
        () => Promise.reject(new Error("down")),
        () => 1_000,
      );
    expect(String(await failing().catch((error: unknown) => error))).to.contain("down");
    const asked: string[] = [];
    const get = (key: string) =>
      cache.get(
        key,
        async () => {
          asked.push(key);
          return key;
        },
        () => 1_000,
      );
    for (const key of ["a", "b", "c", "a"]) await get(key);
    expect(asked).to.deep.equal(["a", "b", "c", "a"]);
  });
});
