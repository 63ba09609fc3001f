import { expect } from "chai";
import fc from "fast-check";
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  milliQuantity,
  multiplyQuantity,
  parseQuantity,
  type QuantityFormat,
  quantityMilliValue,
  quantityOf,
  quantityToNumber,
  quantityValue,
  subtractQuantities,
  tryParseQuantity,
} from "./quantity.ts";

describe("quantities", () => {
  const canonical: readonly [written: string, canonical: string][] = [
    ["0", "0"],
    ["100m", "100m"],
    ["1000m", "1"],
    ["1500m", "1500m"],
    ["0.5", "500m"],
    ["1500", "1500"],
    ["15000", "15k"],
    ["1024", "1024"],
    ["2048Ki", "2Mi"],
    ["1.5Gi", "1536Mi"],
    ["0.5Ki", "512"],
    ["1.3Ki", "1331200m"],
    ["-1.5Gi", "-1536Mi"],
    ["1e3", "1e3"],
    ["12e-3", "12e-3"],
    ["1E", "1E"],
    ["+1", "1"],
    [".5", "500m"],
    ["5.", "5"],
    ["100u", "100u"],
    ["0.1n", "1n"],
    ["-0.1n", "-1n"],
    ["9999999999999999999", "9223372036854775807"],
  ];
  for (const [written, expected] of canonical) {
    it(`${written} is ${expected}`, () => expect(canonicalQuantity(written)).to.equal(expected));
  }

  it("are cut to the largest int64", () => {
    expect(compareQuantities(parseQuantity("1e99999"), parseQuantity("9223372036854775807"))).to.equal(0);
  });

  it("are refused in upstream's words", () => {
    for (const text of ["", "x", "1x", "1 ", " 1", "1e", "--1", "1.1.1", "1ki", "Ki", ".", "e3"]) {
      expect(tryParseQuantity(text), text).to.equal(undefined);
    }
    expect(() => parseQuantity("1x")).to.throw(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  });

  it("add without floating point errors", () => {
    expect(formatQuantity(addQuantities(parseQuantity("100m"), parseQuantity("200m")))).to.equal("300m");
    expect(formatQuantity(addQuantities(parseQuantity("0"), parseQuantity("1Gi")))).to.equal("1Gi");
    expect(formatQuantity(subtractQuantities(parseQuantity("1Gi"), parseQuantity("1Mi")))).to.equal("1023Mi");
    expect(formatQuantity(multiplyQuantity(parseQuantity("333m"), 3))).to.equal("999m");
  });

  it("round up to whole units and thousandths", () => {
    expect(quantityValue(parseQuantity("1001m"))).to.equal(2);
    expect(quantityValue(parseQuantity("-1001m"))).to.equal(-2);
    expect(quantityMilliValue(parseQuantity("1.0001"))).to.equal(1001);
    expect(quantityMilliValue(milliQuantity(250))).to.equal(250);
    expect(quantityToNumber(parseQuantity("1500m"))).to.equal(1.5);
  });

  const quantity = fc.record({
    nanos: fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
    format: fc.constantFrom<QuantityFormat>("DecimalSI", "BinarySI", "DecimalExponent"),
  });

  it("keep their amount through their text", () => {
    fc.assert(
      fc.property(quantity, (one) => {
        expect(parseQuantity(formatQuantity(one)).nanos).to.equal(one.nanos);
        expect(canonicalQuantity(formatQuantity(one))).to.equal(formatQuantity(one));
      }),
    );
  });

  it("add and subtract back, and compare as their difference", () => {
    fc.assert(
      fc.property(quantity, quantity, (a, b) => {
        expect(subtractQuantities(addQuantities(a, b), b).nanos).to.equal(a.nanos);
        expect(Math.sign(compareQuantities(a, b))).to.equal(
          Math.sign(compareQuantities(subtractQuantities(a, b), quantityOf(0))),
        );
      }),
    );
  });
});
