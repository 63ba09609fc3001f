import { type FunctionDeclaration, func } from "../functions.ts";
import { GrowingList, GrowingMap } from "../interpreter/growing.ts";
import * as t from "../types.ts";
import {
  ArrayList,
  Duration,
  EntryMap,
  EvaluationError,
  joinKeyed,
  type ListValue,
  type MapValue,
  mapKey,
  Timestamp,
  Uint,
  type Value,
} from "../values/index.ts";
import { sizeCost } from "./costs.ts";

const minInt = -(2n ** 63n);
const maxInt = 2n ** 63n - 1n;
const maxUint = 2n ** 64n - 1n;
const minTime = -62_135_596_800n * 1_000_000_000n;
const maxTime = 253_402_300_799n * 1_000_000_000n + 999_999_999n;

export function int(value: bigint): bigint {
  if (value < minInt || value > maxInt) throw new EvaluationError("integer overflow");
  return value;
}

export function uint(value: bigint): Uint {
  if (value < 0n || value > maxUint) throw new EvaluationError("unsigned integer overflow");
  return new Uint(value);
}

const duration = (nanos: bigint) => new Duration(int(nanos));

export function timestamp(nanos: bigint): Timestamp {
  if (nanos < minTime || nanos > maxTime) throw new EvaluationError("timestamp overflow");
  return new Timestamp(nanos);
}

type Binary<T> = (a: T, b: T) => T;

/** A binary operator of the three kinds of numbers. */
function numeric(name: string, ints: Binary<bigint>, doubles?: Binary<number>): readonly FunctionDeclaration[] {
  return [
    func(name, [t.INT, t.INT], t.INT, (a: bigint, b: bigint) => int(ints(a, b))),
    func(name, [t.UINT, t.UINT], t.UINT, (a: Uint, b: Uint) => uint(ints(a.value, b.value))),
    ...(doubles ? [func(name, [t.DOUBLE, t.DOUBLE], t.DOUBLE, doubles)] : []),
  ];
}

function nonZero(value: bigint, message: string): bigint {
  if (value === 0n) throw new EvaluationError(message);
  return value;
}

const sides = sizeCost((a, b) => a + b);
const T = t.parameter("T");
const { TIMESTAMP, DURATION } = t;

function joined(a: ListValue, b: ListValue): ListValue {
  if (a.keyedBy) return joinKeyed(a, b, a.keyedBy);
  if (!(a instanceof GrowingList)) return new ArrayList([...a, ...b]);
  a.items.push(...b);
  return a;
}

function inserted(map: MapValue, entries: Iterable<readonly [Value, Value]>): MapValue {
  const all = map instanceof EntryMap ? map.entries : new Map<string | bigint | boolean, Value>();
  const target = map instanceof GrowingMap ? all : new Map(all);
  for (const [key, value] of entries) {
    const name = mapKey(key);
    if (target.has(name)) throw new EvaluationError(`insert failed: key ${String(name)} already exists`);
    target.set(name, value);
  }
  return map instanceof GrowingMap ? map : new EntryMap(target);
}

const mapType = t.mapOf(t.parameter("K"), t.parameter("V"));
const entriesOf = (map: MapValue) => Array.from(map.keys(), (key) => [key, map.get(key) as Value] as const);

export const arithmetic: readonly FunctionDeclaration[] = [
  ...numeric(
    "_+_",
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  ...numeric(
    "_-_",
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  ...numeric(
    "_*_",
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  ...numeric(
    "_/_",
    (a, b) => a / nonZero(b, "division by zero"),
    (a, b) => a / b,
  ),
  ...numeric("_%_", (a, b) => a % nonZero(b, "modulus by zero")),
  func("-_", [t.INT], t.INT, (a: bigint) => int(-a)),
  func("-_", [t.DOUBLE], t.DOUBLE, (a: number) => -a),
  func("!_", [t.BOOL], t.BOOL, (a: boolean) => !a),
  func("_+_", [t.STRING, t.STRING], t.STRING, (a: string, b: string) => a + b, sides),
  func("_+_", [t.BYTES, t.BYTES], t.BYTES, (a: Uint8Array, b: Uint8Array) => Buffer.concat([a, b]), sides),
  func("_+_", [t.listOf(T), t.listOf(T)], t.listOf(T), joined),
  func("_+_", [TIMESTAMP, DURATION], TIMESTAMP, (a: Timestamp, b: Duration) => timestamp(a.nanos + b.nanos)),
  func("_+_", [DURATION, TIMESTAMP], TIMESTAMP, (a: Duration, b: Timestamp) => timestamp(a.nanos + b.nanos)),
  func("_+_", [DURATION, DURATION], DURATION, (a: Duration, b: Duration) => duration(a.nanos + b.nanos)),
  func("_-_", [TIMESTAMP, TIMESTAMP], DURATION, (a: Timestamp, b: Timestamp) => duration(a.nanos - b.nanos)),
  func("_-_", [TIMESTAMP, DURATION], TIMESTAMP, (a: Timestamp, b: Duration) => timestamp(a.nanos - b.nanos)),
  func("_-_", [DURATION, DURATION], DURATION, (a: Duration, b: Duration) => duration(a.nanos - b.nanos)),
  func(
    "cel.@mapInsert",
    [mapType, t.parameter("K"), t.parameter("V")],
    mapType,
    (map: MapValue, key: Value, value: Value) => inserted(map, [[key, value]]),
  ),
  func("cel.@mapInsert", [mapType, mapType], mapType, (map: MapValue, more: MapValue) =>
    inserted(map, entriesOf(more)),
  ),
];
