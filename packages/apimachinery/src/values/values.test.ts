import { expect } from "chai";
import fc from "fast-check";
import { canonicalJson, deepClone, deepEqual, deepFreeze } from "./deep.ts";
import { fnv1a32, generateName, randomSuffix, safeAlphabet, safeEncode, templateHash } from "./hash.ts";
import { getScaledValue } from "./int-or-string.ts";
import { formatDuration, formatMicroTime, formatTime, parseDuration, parseTime } from "./time.ts";

describe("deep equality", () => {
  it("takes undefined and absent for the same", () => {
    expect(deepEqual({ a: 1, b: undefined }, { a: 1 })).to.equal(true);
    expect(deepEqual({ a: 1 }, { b: undefined, a: 1 })).to.equal(true);
    expect(deepEqual({ a: 1, b: undefined }, { a: 1, c: 2 })).to.equal(false);
    expect(deepEqual({ a: null }, {})).to.equal(false);
    expect(deepEqual([], {})).to.equal(false);
    expect(deepEqual([1, 2], [1])).to.equal(false);
    expect(deepEqual({ toString: 1 }, {})).to.equal(false);
  });

  it("holds for copies, and fails after any change of JSON text", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(deepEqual(a, deepClone(a))).to.equal(true);
        expect(deepEqual(a, b)).to.equal(canonicalJson(a) === canonicalJson(b));
      }),
    );
  });

  it("keeps a field called __proto__ a field", () => {
    const hostile: unknown = JSON.parse('{"__proto__": {"polluted": true}}');
    const copy = deepClone(hostile);
    expect(JSON.stringify(copy)).to.equal('{"__proto__":{"polluted":true}}');
    expect((copy as { polluted?: boolean }).polluted).to.equal(undefined);
  });

  it("prints objects with sorted keys", () => {
    expect(canonicalJson({ b: [1, { d: 1, c: undefined }], a: "x" })).to.equal('{"a":"x","b":[1,{"d":1}]}');
  });

  it("freezes to the bottom", () => {
    expect(Object.isFrozen(deepFreeze({ a: { b: [{}] } }).a.b[0])).to.equal(true);
  });
});

describe("generated names", () => {
  it("hash as FNV-1a does", () => {
    expect(fnv1a32("")).to.equal(0x811c9dc5);
    expect(fnv1a32("foobar")).to.equal(0xbf9cf968);
  });

  it("do not depend on the order of a template's fields", () => {
    expect(templateHash({ a: 1, b: { c: 2 } })).to.equal(templateHash({ b: { c: 2, d: undefined }, a: 1 }));
    expect(templateHash({ a: 1 })).not.to.equal(templateHash({ a: 2 }));
    expect(templateHash({ a: 1 }, 1)).not.to.equal(templateHash({ a: 1 }));
    expect(templateHash({ a: 1 })).to.match(/^[bcdfghjklmnpqrstvwxz2456789]+$/);
  });

  it("use only safe characters and fit in a label", () => {
    expect(safeEncode("0123456789")).to.have.length(10);
    expect(randomSuffix(5, () => 0.999999)).to.equal(safeAlphabet.at(-1)?.repeat(5));
    expect(generateName("a".repeat(80), () => 0)).to.equal(`${"a".repeat(58)}bbbbb`);
  });
});

describe("scaled values", () => {
  it("take percentages of the total, rounded as asked", () => {
    expect(getScaledValue(3, 10, true)).to.equal(3);
    expect(getScaledValue("25%", 10, true)).to.equal(3);
    expect(getScaledValue("25%", 10, false)).to.equal(2);
    expect(() => getScaledValue("x", 10, true)).to.throw("string is not a percentage");
  });
});

describe("times", () => {
  it("print seconds and microseconds in UTC", () => {
    const ms = Date.UTC(2024, 0, 2, 3, 4, 5, 678);
    expect(formatTime(ms)).to.equal("2024-01-02T03:04:05Z");
    expect(formatMicroTime(ms + 0.5)).to.equal("2024-01-02T03:04:05.678500Z");
  });

  it("are read with any zone and fraction", () => {
    expect(parseTime("2024-01-02T04:04:05+01:00")).to.equal(Date.UTC(2024, 0, 2, 3, 4, 5));
    expect(parseTime("2024-01-02T03:04:05.678Z")).to.equal(Date.UTC(2024, 0, 2, 3, 4, 5, 678));
    for (const wrong of ["", "2024-01-02", "2024-02-31T00:00:00Z", "2024-01-02T25:00:00Z", "2024-01-02 03:04:05Z"]) {
      expect(parseTime(wrong), wrong).to.equal(undefined);
    }
  });

  const durations: readonly [text: string, ms: number, printed: string][] = [
    ["0", 0, "0s"],
    ["90s", 90_000, "1m30s"],
    ["1h", 3_600_000, "1h0m0s"],
    ["1.5s", 1500, "1.5s"],
    ["-2m", -120_000, "-2m0s"],
    ["250ms", 250, "250ms"],
    ["1h2m3.004s", 3_723_004, "1h2m3.004s"],
    ["10us", 0.01, "10µs"],
  ];
  for (const [text, ms, printed] of durations) {
    it(`reads the duration ${text} and prints ${printed}`, () => {
      expect(parseDuration(text)).to.equal(ms);
      expect(formatDuration(ms)).to.equal(printed);
    });
  }

  it("refuse text that is no duration", () => {
    for (const wrong of ["", "5", "s", "1d", "1h ", "."]) expect(parseDuration(wrong), wrong).to.equal(undefined);
  });
});
