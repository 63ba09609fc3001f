import { expect } from "chai";
import { labelsText, shortDuration } from "./cells.ts";

describe("shortDuration", () => {
  const second = 1000;
  const minute = 60 * second;
  const hour = 60 * minute;
  const day = 24 * hour;
  const cases: [number, string][] = [
    [-5 * second, "<invalid>"],
    [0, "0s"],
    [119 * second, "119s"],
    [120 * second, "2m"],
    [9 * minute + 5 * second, "9m5s"],
    [10 * minute + 5 * second, "10m"],
    [179 * minute, "179m"],
    [3 * hour, "3h"],
    [7 * hour + 59 * minute, "7h59m"],
    [47 * hour, "47h"],
    [2 * day, "2d"],
    [7 * day + 23 * hour, "7d23h"],
    [8 * day + hour, "8d"],
    [729 * day, "729d"],
    [3 * 365 * day + 4 * day, "3y4d"],
    [9 * 365 * day, "9y"],
  ];
  for (const [ms, text] of cases) it(`shows ${text}`, () => expect(shortDuration(ms)).to.equal(text));
});

describe("labelsText", () => {
  it("sorts, and says when there are none", () => {
    expect(labelsText({ b: "2", a: "1" })).to.equal("a=1,b=2");
    expect(labelsText(undefined)).to.equal("<none>");
  });
});
