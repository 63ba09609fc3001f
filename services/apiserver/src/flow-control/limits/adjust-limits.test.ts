import { expect } from "chai";
import { adjustLimits, type LevelDemand, smoothDemand } from "./adjust-limits.ts";
import { limitsOf } from "./nominal-limits.ts";

const steady = (seats: number) => ({ average: seats, deviation: 0, highest: seats });
const level = (
  shares: number,
  lendablePercent: number,
  seats: number,
  borrowingLimitPercent?: number,
): LevelDemand => ({
  limits: limitsOf(
    { type: "Limited", limited: { nominalConcurrencyShares: shares, lendablePercent, borrowingLimitPercent } },
    100,
    100,
  ),
  isExempt: false,
  figures: steady(seats),
  smoothed: 0,
});
const limits = (...levels: LevelDemand[]) => adjustLimits(levels, 100).levels.map(({ limit }) => limit);

describe("seats of priority levels", () => {
  it("follow from shares, rounded up, and from what may be lent and borrowed", () => {
    const spec = { type: "Limited", limited: { nominalConcurrencyShares: 30, lendablePercent: 33 } };
    expect(limitsOf(spec, 245, 600)).to.deep.equal({ nominal: 74, lower: 50, upper: 600 });
    const borrowing = { type: "Limited", limited: { ...spec.limited, borrowingLimitPercent: 50 } };
    expect(limitsOf(borrowing, 245, 600)).to.deep.equal({ nominal: 74, lower: 50, upper: 111 });
    expect(limitsOf({ type: "Exempt", exempt: {} }, 245, 600)).to.deep.equal({ nominal: 0, lower: 0, upper: 600 });
  });

  it("stay with a level that cannot lend", () => {
    expect(limits(level(50, 0, 0), level(50, 0, 90))).to.deep.equal([50, 50]);
  });

  it("go from those that are idle to those that are busy", () => {
    expect(limits(level(50, 100, 0), level(50, 100, 90))).to.deep.equal([0, 100]);
    expect(limits(level(50, 50, 0), level(50, 50, 90))).to.deep.equal([25, 75]);
  });

  it("are divided by demand when all want more, but nobody gets less than it used of its own", () => {
    expect(limits(level(50, 100, 80), level(50, 100, 80))).to.deep.equal([50, 50]);
    expect(limits(level(20, 100, 40), level(20, 100, 80), level(60, 100, 0))).to.deep.equal([33, 67, 0]);
  });

  it("are borrowed only up to the limit", () => {
    expect(limits(level(50, 100, 0), level(50, 100, 500, 20))[1]).to.equal(60);
  });

  it("are fewer while exempt requests use many", () => {
    const exempt = { ...level(0, 0, 40), isExempt: true };
    expect(limits(exempt, level(50, 0, 90), level(50, 0, 90))).to.deep.equal([40, 30, 30]);
  });

  it("are wanted at once and given up slowly", () => {
    expect(smoothDemand({ average: 10, deviation: 2, highest: 20 }, 0)).to.equal(12);
    let smoothed = 100;
    for (let period = 0; period < 30; period++) smoothed = smoothDemand(steady(0), smoothed);
    expect(smoothed).to.be.within(45, 55);
  });
});
