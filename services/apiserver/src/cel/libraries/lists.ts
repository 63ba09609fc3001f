import { type FunctionDeclaration, func, method } from "../functions.ts";
import * as t from "../types.ts";
import { compare, Duration, EvaluationError, equal, type ListValue, Uint, type Value } from "../values/index.ts";
import { int, uint } from "./arithmetic.ts";
import { perElement } from "./costs.ts";

const T = t.parameter("T");
const ordered = [t.INT, t.UINT, t.DOUBLE, t.BOOL, t.DURATION, t.TIMESTAMP, t.STRING, t.BYTES];

function isSorted(list: ListValue): boolean {
  const items = [...list];
  return items.every((item, at) => at === 0 || compare(items[at - 1] as Value, item) <= 0);
}

function extreme(name: string, isBetter: (order: number) => boolean) {
  return (list: ListValue): Value => {
    const [first, ...rest] = list;
    if (first === undefined) throw new EvaluationError(`${name} called on empty list`);
    return rest.reduce((best, next) => (isBetter(compare(next, best)) ? next : best), first);
  };
}

function sum(list: ListValue): Value {
  const [first, ...rest] = list;
  if (first === undefined) return 0n;
  return rest.reduce(add, first);
}

function add(a: Value, b: Value): Value {
  if (typeof a === "bigint" && typeof b === "bigint") return int(a + b);
  if (typeof a === "number" && typeof b === "number") return a + b;
  if (a instanceof Uint && b instanceof Uint) return uint(a.value + b.value);
  if (a instanceof Duration && b instanceof Duration) return new Duration(int(a.nanos + b.nanos));
  throw new EvaluationError("no such overload");
}

function indexOf(list: ListValue, wanted: Value): bigint {
  return BigInt([...list].findIndex((item) => equal(item, wanted)));
}

function lastIndexOf(list: ListValue, wanted: Value): bigint {
  return BigInt([...list].findLastIndex((item) => equal(item, wanted)));
}

const contains = (list: ListValue, wanted: Value) => [...list].some((item) => equal(item, wanted));
const containsAll = (list: ListValue, wanted: ListValue) => [...wanted].every((item) => contains(list, item));
const pairs = ([a = null, b = null]: readonly Value[]) => perElement([a], null) * perElement([b], null);
const bothLists = [t.listOf(T), t.listOf(T)];

/** Questions about whole lists. */
export const lists: readonly FunctionDeclaration[] = [
  ...ordered.flatMap((type) => [
    method("isSorted", [t.listOf(type)], t.BOOL, isSorted, perElement),
    method(
      "min",
      [t.listOf(type)],
      type,
      extreme("min", (order) => order < 0),
      perElement,
    ),
    method(
      "max",
      [t.listOf(type)],
      type,
      extreme("max", (order) => order > 0),
      perElement,
    ),
  ]),
  method("sum", [t.listOf(t.INT)], t.INT, sum, perElement),
  method(
    "sum",
    [t.listOf(t.UINT)],
    t.UINT,
    (list: ListValue) => (list.size === 0 ? new Uint(0n) : sum(list)),
    perElement,
  ),
  method("sum", [t.listOf(t.DOUBLE)], t.DOUBLE, (list: ListValue) => (list.size === 0 ? 0 : sum(list)), perElement),
  method(
    "sum",
    [t.listOf(t.DURATION)],
    t.DURATION,
    (list: ListValue) => (list.size === 0 ? new Duration(0n) : sum(list)),
    perElement,
  ),
  method("indexOf", [t.listOf(T), T], t.INT, indexOf, perElement),
  method("lastIndexOf", [t.listOf(T), T], t.INT, lastIndexOf, perElement),
  func("sets.contains", bothLists, t.BOOL, containsAll, pairs),
  func(
    "sets.equivalent",
    bothLists,
    t.BOOL,
    (a: ListValue, b: ListValue) => containsAll(a, b) && containsAll(b, a),
    pairs,
  ),
  func(
    "sets.intersects",
    bothLists,
    t.BOOL,
    (a: ListValue, b: ListValue) => [...a].some((item) => contains(b, item)),
    pairs,
  ),
];
