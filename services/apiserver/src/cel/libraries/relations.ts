import { type FunctionDeclaration, func, method } from "../functions.ts";
import * as t from "../types.ts";
import { compare, equal, type ListValue, type MapValue, sizeOf, type Value } from "../values/index.ts";
import { perElement, sizeCost } from "./costs.ts";

const T = t.parameter("T");
const shorter = sizeCost(Math.min);
const numbers = [t.INT, t.UINT, t.DOUBLE];

function ordering(name: string, holds: (order: number) => boolean): readonly FunctionDeclaration[] {
  const body = (a: Value, b: Value) => holds(compare(a, b));
  const pairs = [
    ...numbers.flatMap((a) => numbers.map((b) => [a, b])),
    ...[t.BOOL, t.TIMESTAMP, t.DURATION].map((one) => [one, one]),
  ];
  return [
    ...pairs.map((pair) => func(name, pair, t.BOOL, body)),
    ...[t.STRING, t.BYTES].map((one) => func(name, [one, one], t.BOOL, body, shorter)),
  ];
}

const size = (value: Value) => BigInt(sizeOf(value));
const sized = [t.STRING, t.BYTES, t.listOf(T), t.mapOf(t.parameter("K"), t.parameter("V"))];

function isElement(value: Value, list: ListValue): boolean {
  for (const item of list) if (equal(item, value)) return true;
  return false;
}

function isKey(key: Value, map: MapValue): boolean {
  return map.get(key) !== undefined;
}

/** Equality, order, membership and size. */
export const relations: readonly FunctionDeclaration[] = [
  func("_==_", [T, T], t.BOOL, equal, shorter),
  func("_!=_", [T, T], t.BOOL, (a: Value, b: Value) => !equal(a, b), shorter),
  ...ordering("_<_", (order) => order < 0),
  ...ordering("_<=_", (order) => order <= 0),
  ...ordering("_>_", (order) => order > 0),
  ...ordering("_>=_", (order) => order >= 0),
  func("@in", [T, t.listOf(T)], t.BOOL, isElement, ([, list = null]) => perElement([list], null)),
  func("@in", [t.parameter("K"), t.mapOf(t.parameter("K"), t.parameter("V"))], t.BOOL, isKey),
  ...sized.map((type) => func("size", [type], t.INT, size)),
  ...sized.map((type) => method("size", [type], t.INT, size)),
];
