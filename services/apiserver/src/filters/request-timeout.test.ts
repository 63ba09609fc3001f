import { expect } from "chai";
import { wantedTimeout } from "./request-timeout.ts";

describe("the time that a request may take", () => {
  const cases: [asked: string | null, ms: number][] = [
    [null, 60_000],
    ["", 60_000],
    ["30s", 30_000],
    ["1m30s", 60_000],
    ["500ms", 500],
    ["0s", 60_000],
    ["0", 60_000],
    ["-5s", 60_000],
    ["2h", 60_000],
  ];
  for (const [asked, ms] of cases) {
    it(`is ${ms} ms for ${asked}`, () => expect(wantedTimeout(asked, 60_000)).to.equal(ms));
  }

  it("cannot be nonsense", () => {
    expect(() => wantedTimeout("soon", 60_000)).to.throw(
      'invalid timeout specified in the request URL - time: invalid duration "soon"',
    );
  });
});
