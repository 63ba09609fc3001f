import { equalKeyed } from "./keyed-lists.ts";
import {
  Duration,
  EvaluationError,
  ListValue,
  MapValue,
  noOverload,
  Opaque,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
  type Value,
} from "./value.ts";

/** Equality as CEL has it: numbers by value whatever their type, lists and maps by what they hold, values of different types never. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  const [left, right] = [numeric(a), numeric(b)];
  if (left !== undefined && right !== undefined) return compareNumbers(left, right) === 0;
  if (a instanceof ListValue) return b instanceof ListValue && equalLists(a, b);
  if (a instanceof MapValue) return b instanceof MapValue && equalMaps(a, b);
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.key === b.key;
  if (a instanceof Opaque) return b instanceof Opaque && a.type === b.type && a.key === b.key;
  if (a instanceof Optional) return b instanceof Optional && equalOptionals(a, b);
  return false;
}

function equalLists(a: ListValue, b: ListValue): boolean {
  if (a.size !== b.size) return false;
  if (a.keyedBy) return equalKeyed(a, b, a.keyedBy, equal);
  for (let index = 0; index < a.size; index++) if (!equal(a.at(index), b.at(index))) return false;
  return true;
}

function equalMaps(a: MapValue, b: MapValue): boolean {
  if (a.size !== b.size) return false;
  for (const key of a.keys()) {
    const other = b.get(key);
    if (other === undefined || !equal(a.get(key) as Value, other)) return false;
  }
  return true;
}

function equalOptionals({ value: a }: Optional, { value: b }: Optional): boolean {
  return a === undefined || b === undefined ? a === b : equal(a, b);
}

function numeric(value: Value): bigint | number | undefined {
  if (typeof value === "bigint" || typeof value === "number") return value;
  return value instanceof Uint ? value.value : undefined;
}

/** Negative, zero or positive; NaN where one of them is none. Integers are compared with doubles as doubles. */
function compareNumbers(one: bigint | number, other: bigint | number): number {
  const [a, b] = typeof one === typeof other ? [one, other] : [Number(one), Number(other)];
  if (a < b) return -1;
  if (a > b) return 1;
  return a <= b ? 0 : Number.NaN;
}

/** The order of two values of an ordered type; throws for others, as for a call that no overload fits. */
export function compare(a: Value, b: Value): number {
  const [left, right] = [numeric(a), numeric(b)];
  if (left !== undefined && right !== undefined) return compareNumbers(left, right);
  if (typeof a === "string" && typeof b === "string") return compareTexts(a, b);
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  if (a instanceof Timestamp && b instanceof Timestamp) return compareNumbers(a.nanos, b.nanos);
  if (a instanceof Duration && b instanceof Duration) return compareNumbers(a.nanos, b.nanos);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  throw noOverload();
}

/** By code points, as Go's UTF-8 compares; JavaScript's own order differs beyond the first plane. */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  for (let index = 0; index < a.length && index < b.length; index++) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (left !== right) return (a.codePointAt(index) ?? 0) - (b.codePointAt(index) ?? 0);
  }
  return a.length - b.length;
}

/** How much there is of a value: code points, bytes, elements or entries; 1 of everything else. Costs count it. */
export function sizeOf(value: Value): number {
  if (typeof value === "string") return textSize(value);
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof ListValue || value instanceof MapValue) return value.size;
  return value instanceof Optional && value.value !== undefined ? sizeOf(value.value) : 1;
}

const beyondFirstPlane = /[\ud800-\udbff]/;

export function textSize(text: string): number {
  return beyondFirstPlane.test(text) ? [...text].length : text.length;
}

/** `index` of a list as a number; throws for what cannot be one. */
export function listIndex(list: ListValue, index: Value): number | undefined {
  const number = numeric(index);
  if (number === undefined || (typeof number === "number" && !Number.isInteger(number))) {
    throw new EvaluationError(`unsupported index type in list`);
  }
  return number >= 0 && number < list.size ? Number(number) : undefined;
}
