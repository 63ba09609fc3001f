import { expect } from "chai";
import { completeTracking, legacyTokenTracking } from "./legacy-token-tracking.ts";

const wanted = legacyTokenTracking(Date.parse("2030-05-06T23:59:59Z"));

describe("the day since when uses of tokens in Secrets are noted", () => {
  const cases: readonly [since: string | undefined, changes: boolean][] = [
    ["2029-01-01", false],
    [undefined, true],
    ["yesterday", true],
    ["2029-13-45", true],
  ];
  for (const [since, changes] of cases) {
    it(`${changes ? "becomes today after" : "stays"} ${since ?? "none"}`, () => {
      const present = { ...wanted, data: { other: "x", ...(since !== undefined && { since }) } };
      const expected = changes ? { ...present, data: { other: "x", since: "2030-05-06" } } : undefined;
      expect(completeTracking(present, wanted)).to.deep.equal(expected);
    });
  }
});
