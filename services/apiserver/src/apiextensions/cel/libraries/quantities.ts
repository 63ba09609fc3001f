import { type CelFunc, CelScalar, type CelValue, celFunc, celMethod } from "@bufbuild/cel";
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
  quantityOf,
  quantityToNumber,
  quantityValue,
  subtractQuantities,
  tryParseQuantity,
} from "@tskube/apimachinery";
import { held, marked } from "../values.ts";

const { STRING, BOOL, INT, DOUBLE, DYN } = CelScalar;

const read = (value: CelValue): Quantity => {
  if (typeof value === "bigint") return quantityOf(value);
  return parseQuantity(String(held("quantity", value)));
};
const write = (quantity: Quantity) => marked("quantity", formatQuantity(quantity));
const isWhole = (quantity: Quantity) => quantity.nanos % 1_000_000_000n === 0n;

/** Amounts of resources: `quantity("1Gi").isGreaterThan(quantity("500Mi"))`. */
export const quantities: readonly CelFunc[] = [
  celFunc("isQuantity", [STRING], BOOL, (text) => tryParseQuantity(text) !== undefined),
  celFunc("quantity", [STRING], DYN, (text) => write(parseQuantity(text))),
  celMethod("sign", DYN, [], INT, function () {
    const { nanos } = read(this);
    return nanos === 0n ? 0n : nanos > 0n ? 1n : -1n;
  }),
  celMethod("isInteger", DYN, [], BOOL, function () {
    return isWhole(read(this));
  }),
  celMethod("asInteger", DYN, [], INT, function () {
    const quantity = read(this);
    if (!isWhole(quantity)) throw new Error("cannot convert value to integer");
    return BigInt(quantityValue(quantity));
  }),
  celMethod("asApproximateFloat", DYN, [], DOUBLE, function () {
    return quantityToNumber(read(this));
  }),
  celMethod("add", DYN, [DYN], DYN, function (other) {
    return write(addQuantities(read(this), read(other)));
  }),
  celMethod("sub", DYN, [DYN], DYN, function (other) {
    return write(subtractQuantities(read(this), read(other)));
  }),
  celMethod("compareTo", DYN, [DYN], INT, function (other) {
    return BigInt(compareQuantities(read(this), read(other)));
  }),
  celMethod("isLessThan", DYN, [DYN], BOOL, function (other) {
    return compareQuantities(read(this), read(other)) < 0;
  }),
  celMethod("isGreaterThan", DYN, [DYN], BOOL, function (other) {
    return compareQuantities(read(this), read(other)) > 0;
  }),
];
