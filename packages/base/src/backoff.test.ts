import { expect } from "chai";
import { backoffMs } from "./backoff.ts";

describe("backoff", () => {
  const options = { baseMs: 100, maxMs: 1_000 };

  it("doubles with each failure up to its limit", () => {
    expect([1, 2, 3, 4, 5, 50].map((failures) => backoffMs(failures, options))).to.deep.equal([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
  });

  it("adds a random share of the delay", () => {
    expect(backoffMs(1, { ...options, jitter: 0.5, random: () => 0.5 })).to.equal(125);
  });
});
