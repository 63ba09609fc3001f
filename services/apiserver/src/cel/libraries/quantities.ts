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
import { type FunctionDeclaration, func, method } from "../functions.ts";
import * as t from "../types.ts";
import { EvaluationError, Opaque } from "../values/index.ts";
import { walk } from "./costs.ts";

export const QUANTITY = t.opaque("kubernetes.Quantity");

type Amount = Opaque<Quantity>;

function amount(quantity: Quantity): Amount {
  // Equal amounts are equal however they are written.
  return new Opaque(QUANTITY, quantity, formatQuantity(quantity));
}

function parsed(text: string): Amount {
  const quantity = tryParseQuantity(text);
  if (!quantity) {
    throw new EvaluationError(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  }
  return amount(quantity);
}

const isWhole = ({ nanos }: Quantity) => nanos % 1_000_000_000n === 0n;

function asInteger({ held }: Amount): bigint {
  if (!isWhole(held)) throw new EvaluationError("cannot convert value to integer");
  return BigInt(quantityValue(held));
}

function sign({ held }: Amount): bigint {
  return BigInt(compareQuantities(held, parseQuantity("0")));
}

/** A member of two quantities, or of a quantity and a whole number. */
function pair(name: string, result: t.Type, of: (a: Quantity, b: Quantity) => Opaque | bigint | boolean) {
  return [
    method(name, [QUANTITY, QUANTITY], result, (a: Amount, b: Amount) => of(a.held, b.held)),
    method(name, [QUANTITY, t.INT], result, (a: Amount, b: bigint) => of(a.held, quantityOf(b))),
  ];
}

const compared = (name: string, holds: (order: number) => boolean) =>
  method(name, [QUANTITY, QUANTITY], t.BOOL, (a: Amount, b: Amount) => holds(compareQuantities(a.held, b.held)));

/** Amounts of resources: `quantity("1Gi").isGreaterThan(quantity("500Mi"))`. */
export const quantities: readonly FunctionDeclaration[] = [
  func("isQuantity", [t.STRING], t.BOOL, (text: string) => tryParseQuantity(text) !== undefined, walk),
  func("quantity", [t.STRING], QUANTITY, parsed, walk),
  method("sign", [QUANTITY], t.INT, sign),
  method("isInteger", [QUANTITY], t.BOOL, ({ held }: Amount) => isWhole(held)),
  method("asInteger", [QUANTITY], t.INT, asInteger),
  method("asApproximateFloat", [QUANTITY], t.DOUBLE, ({ held }: Amount) => quantityToNumber(held)),
  ...pair("add", QUANTITY, (a, b) => amount(addQuantities(a, b))),
  ...pair("sub", QUANTITY, (a, b) => amount(subtractQuantities(a, b))),
  method("compareTo", [QUANTITY, QUANTITY], t.INT, (a: Amount, b: Amount) => BigInt(compareQuantities(a.held, b.held))),
  compared("isLessThan", (order) => order < 0),
  compared("isGreaterThan", (order) => order > 0),
];
