import { type CelValue, isCelList, isCelMap } from "@bufbuild/cel";

/** Equality as rules have it: numbers by value whatever their type, lists and maps by what they hold. */
export function equals(a: CelValue, b: CelValue): boolean {
  if (isNumber(a) && isNumber(b)) return Number(a) === Number(b);
  if (isCelList(a) && isCelList(b)) {
    const [left, right] = [[...a], [...b]];
    return left.length === right.length && left.every((value, index) => equals(value, right[index] as CelValue));
  }
  if (isCelMap(a) && isCelMap(b)) {
    if (a.size !== b.size) return false;
    return [...a.entries()].every(([key, value]) => {
      const other = b.get(key);
      return other !== undefined && equals(value, other);
    });
  }
  return a === b;
}

function isNumber(value: CelValue): value is bigint | number {
  return typeof value === "bigint" || typeof value === "number";
}
