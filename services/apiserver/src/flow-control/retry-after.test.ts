import { expect } from "chai";
import { RetryAfter } from "./retry-after.ts";

describe("how long refused clients are asked to wait", () => {
  it("is a second, longer while many are refused, and short again after", () => {
    const retryAfter = new RetryAfter(0);
    expect(retryAfter.refuse(0)).to.equal(1);
    for (let n = 0; n < 100; n++) retryAfter.refuse(n);
    expect(retryAfter.refuse(1_000)).to.equal(2);
    for (let n = 0; n < 100; n++) retryAfter.refuse(1_500);
    expect(retryAfter.refuse(3_000)).to.equal(4);
    expect(retryAfter.refuse(8_000)).to.equal(3);
    expect(retryAfter.refuse(20_000)).to.equal(2);
    expect(retryAfter.refuse(40_000)).to.equal(1);
    expect(retryAfter.refuse(60_000)).to.equal(1);
  });

  it("is never more than half a minute", () => {
    const retryAfter = new RetryAfter(0);
    let nowMs = 0;
    for (let round = 0; round < 10; round++) {
      for (let n = 0; n < 10_000; n++) retryAfter.refuse(nowMs);
      nowMs += 33_000;
    }
    expect(retryAfter.refuse(nowMs)).to.equal(32);
  });
});
