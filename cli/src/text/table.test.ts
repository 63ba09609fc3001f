import { expect } from "chai";
import { formatAge, formatTable } from "./table.ts";

describe("tables", () => {
  it("align columns and leave no trailing space", () => {
    expect(
      formatTable(
        ["NAME", "STATUS"],
        [
          ["a", "on"],
          ["longer", ""],
        ],
      ),
    ).to.equal("NAME     STATUS\na        on\nlonger");
  });

  const ages: Array<[seconds: number, text: string]> = [
    [0, "0s"],
    [119, "119s"],
    [200, "3m20s"],
    [600, "10m"],
    [3 * 3600, "3h"],
    [3 * 3600 + 120, "3h2m"],
    [50 * 3600, "2d2h"],
    [9 * 24 * 3600, "9d"],
  ];
  for (const [seconds, text] of ages) {
    it(`print ${seconds} s as ${text}`, () => expect(formatAge(seconds * 1000)).to.equal(text));
  }
});
