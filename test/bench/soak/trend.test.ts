import { expect } from "chai";
import { trendOf } from "./trend.ts";

describe("trend of sizes", () => {
  it("leaves out what fills up at first, and sees what goes on growing", () => {
    expect(trendOf([10, 50, 100, 100, 100, 100, 100, 100]).growth).to.equal(0);
    expect(trendOf([10, 50, 100, 100, 110, 120, 130, 130])).to.deep.equal({
      settled: 100,
      last: 130,
      growth: 0.30000000000000004,
    });
    expect(() => trendOf([1])).to.throw("a trend needs eight samples");
  });
});
