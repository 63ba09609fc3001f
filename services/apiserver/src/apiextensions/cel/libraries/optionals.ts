import { type CelFunc, type CelInput, CelScalar, celFunc, celMethod, isCelMap } from "@bufbuild/cel";
import { held, isMarked, marked } from "../values.ts";

const { BOOL, DYN } = CelScalar;
const nothing = "none";

/** A value that may be absent. */
export function optional(value: CelInput | undefined): CelInput {
  return value === undefined ? marked(nothing, true) : marked("optional", value);
}

const isPresent = (value: Parameters<typeof isMarked>[1]) => {
  if (isMarked(nothing, value)) return false;
  if (!isCelMap(value) || !value.has("@optional")) throw new Error("no such overload: not an optional");
  return true;
};

export const optionals: readonly CelFunc[] = [
  celFunc("optional.of", [DYN], DYN, (value) => optional(value as CelInput)),
  celFunc("optional.none", [], DYN, () => optional(undefined)),
  celMethod("hasValue", DYN, [], BOOL, function () {
    return isPresent(this);
  }),
  celMethod("value", DYN, [], DYN, function () {
    if (!isPresent(this)) throw new Error("optional.none() dereference");
    return held("optional", this) as CelInput;
  }),
  celMethod("orValue", DYN, [DYN], DYN, function (other) {
    return (isPresent(this) ? held("optional", this) : other) as CelInput;
  }),
];
