import {
  type CelFunc,
  type CelInput,
  type CelList,
  CelScalar,
  type CelValue,
  celFunc,
  celMethod,
  listType,
} from "@bufbuild/cel";
import { equals } from "../equals.ts";

const { BOOL, INT, DYN } = CelScalar;
const list = listType(DYN);

type Ordered = bigint | number | string;

const ordered = (values: CelList): Ordered[] => [...values].map((value) => orderable(value) as Ordered);

/** Times order by when they are; everything else by itself. */
function orderable(value: CelValue): Ordered | boolean {
  if (["bigint", "number", "string", "boolean"].includes(typeof value)) return value as Ordered | boolean;
  throw new Error("no such overload");
}

function extreme(values: CelList, name: string, isBetter: (a: Ordered, b: Ordered) => boolean): CelInput {
  const all = ordered(values);
  if (all.length === 0) throw new Error(`${name} called on empty list`);
  return all.reduce((best, next) => (isBetter(next, best) ? next : best));
}

const contains = (values: CelList, wanted: CelValue) => [...values].some((value) => equals(value, wanted));
const containsAll = (values: CelList, wanted: CelList) => [...wanted].every((value) => contains(values, value));

function flatten(values: CelList, depth: bigint): CelInput[] {
  return [...values].flatMap((value): CelInput[] =>
    depth > 0n && isList(value) ? flatten(value, depth - 1n) : [value as CelInput],
  );
}

function isList(value: CelValue): value is CelList {
  return (
    typeof value === "object" && value !== null && "size" in value && !("has" in value) && Symbol.iterator in value
  );
}

/** Questions about whole lists. */
export const lists: readonly CelFunc[] = [
  celMethod("isSorted", list, [], BOOL, function () {
    const all = ordered(this);
    return all.every((value, index) => index === 0 || (all[index - 1] as Ordered) <= value);
  }),
  celMethod("sum", list, [], DYN, function () {
    const all = ordered(this);
    if (all.some((value) => typeof value === "number"))
      return all.reduce<number>((sum, value) => sum + Number(value), 0);
    return all.reduce<bigint>((sum, value) => sum + BigInt(value), 0n);
  }),
  celMethod("min", list, [], DYN, function () {
    return extreme(this, "min", (a, b) => a < b);
  }),
  celMethod("max", list, [], DYN, function () {
    return extreme(this, "max", (a, b) => a > b);
  }),
  celMethod("indexOf", list, [DYN], INT, function (wanted) {
    return BigInt([...this].findIndex((value) => equals(value, wanted)));
  }),
  celMethod("lastIndexOf", list, [DYN], INT, function (wanted) {
    return BigInt([...this].findLastIndex((value) => equals(value, wanted)));
  }),
  celMethod("distinct", list, [], list, function () {
    const all = [...this];
    return all.filter((value, index) => !all.slice(0, index).some((other) => equals(value, other))) as CelInput[];
  }),
  celMethod("slice", list, [INT, INT], list, function (from, to) {
    return [...this].slice(Number(from), Number(to)) as CelInput[];
  }),
  celMethod("reverse", list, [], list, function () {
    return [...this].reverse() as CelInput[];
  }),
  celMethod("sort", list, [], list, function () {
    return ordered(this).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }),
  celMethod("flatten", list, [], list, function () {
    return flatten(this, 1n);
  }),
  celMethod("flatten", list, [INT], list, function (depth) {
    return flatten(this, depth);
  }),
  celFunc("sets.contains", [list, list], BOOL, containsAll),
  celFunc("sets.equivalent", [list, list], BOOL, (a, b) => containsAll(a, b) && containsAll(b, a)),
  celFunc("sets.intersects", [list, list], BOOL, (a, b) => [...a].some((value) => contains(b, value))),
];
