import { expect } from "chai";
import { formatIndexes, parseIndexes } from "./indexes.ts";

describe("completion indexes as text", () => {
  for (const [text, indexes] of [
    ["", []],
    ["3", [3]],
    ["1,2", [1, 2]],
    ["0-2,5,7-9", [0, 1, 2, 5, 7, 8, 9]],
  ] as const) {
    it(`"${text}" is read and written`, () => {
      expect([...parseIndexes(text, 10)]).to.deep.equal(indexes);
      expect(formatIndexes(new Set(indexes))).to.equal(text);
    });
  }

  it("leaves out what a smaller job no longer has", () => {
    expect([...parseIndexes("0-5,8", 3)]).to.deep.equal([0, 1, 2]);
  });
});
