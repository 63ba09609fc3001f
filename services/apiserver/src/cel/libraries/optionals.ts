import { type FunctionDeclaration, func, method } from "../functions.ts";
import * as t from "../types.ts";
import {
  ArrayList,
  Duration,
  EvaluationError,
  ListValue,
  MapValue,
  Optional,
  Timestamp,
  Uint,
  type Value,
} from "../values/index.ts";

const T = t.parameter("T");
const K = t.parameter("K");
const V = t.parameter("V");
const optional = t.optionalOf(T);

/** What a value is when nobody set it. */
function isZero(value: Value): boolean {
  if (value === null || value === false || value === "" || value === 0n || value === 0) return true;
  if (value instanceof ListValue || value instanceof MapValue) return value.size === 0;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof Uint) return value.value === 0n;
  return (value instanceof Duration || value instanceof Timestamp) && value.nanos === 0n;
}

function presentValue({ value }: Optional): Value {
  if (value === undefined) throw new EvaluationError("optional.none() dereference");
  return value;
}

function unwrapped(list: ListValue): ListValue {
  return new ArrayList(
    [...list].flatMap((item) => (item instanceof Optional && item.value !== undefined ? [item.value] : [])),
  );
}

function element(list: ListValue, index: number): Optional {
  return list.size === 0 ? Optional.none : new Optional(list.at(index));
}

const never = (): never => {
  throw new EvaluationError("no such overload");
};

/** Values that may be absent. Indexing is declared here for its types; the interpreter has its own way of doing it. */
export const optionals: readonly FunctionDeclaration[] = [
  func("optional.of", [T], optional, (value: Value) => new Optional(value)),
  func("optional.ofNonZeroValue", [T], optional, (value: Value) =>
    isZero(value) ? Optional.none : new Optional(value),
  ),
  func("optional.none", [], optional, () => Optional.none),
  method("hasValue", [optional], t.BOOL, ({ value }: Optional) => value !== undefined),
  method("value", [optional], T, presentValue),
  method("or", [optional, optional], optional, (a: Optional, b: Optional) => (a.value === undefined ? b : a)),
  method("orValue", [optional, T], T, (a: Optional, b: Value) => (a.value === undefined ? b : a.value)),
  func("optional.unwrap", [t.listOf(optional)], t.listOf(T), unwrapped),
  method("unwrapOpt", [t.listOf(optional)], t.listOf(T), unwrapped),
  method("first", [t.listOf(T)], optional, (list: ListValue) => element(list, 0)),
  method("last", [t.listOf(T)], optional, (list: ListValue) => element(list, list.size - 1)),
  func("_[_]", [t.listOf(T), t.INT], T, never),
  func("_[_]", [t.mapOf(K, V), K], V, never),
  func("_[_]", [t.optionalOf(t.listOf(T)), t.INT], optional, never),
  func("_[_]", [t.optionalOf(t.mapOf(K, V)), K], t.optionalOf(V), never),
  func("_[?_]", [t.listOf(T), t.INT], optional, never),
  func("_[?_]", [t.mapOf(K, V), K], t.optionalOf(V), never),
  func("_[?_]", [t.optionalOf(t.listOf(T)), t.INT], optional, never),
  func("_[?_]", [t.optionalOf(t.mapOf(K, V)), K], t.optionalOf(V), never),
  func("_&&_", [t.BOOL, t.BOOL], t.BOOL, never),
  func("_||_", [t.BOOL, t.BOOL], t.BOOL, never),
  func("_?_:_", [t.BOOL, T, T], T, never),
  func("@not_strictly_false", [t.BOOL], t.BOOL, never),
];
