import type { LimitRange, LimitRangeItem } from "@tskube/api";
import {
  compareQuantities,
  type FieldError,
  field,
  Path,
  parseQuantity,
  qualifiedNameErrors,
} from "@tskube/apimachinery";
import { optionalName } from "../field-rules.ts";
import { ownValue } from "../own-value.ts";

type Amount = "min" | "max" | "default" | "defaultRequest";

/** Which amount may not be above which, with the words for it and where it is complained about. */
const orders: readonly { readonly low: Amount; readonly high: Amount; readonly at: Amount; readonly words: string }[] =
  [
    { low: "min", high: "max", at: "min", words: "min value" },
    { low: "min", high: "defaultRequest", at: "defaultRequest", words: "min value" },
    { low: "defaultRequest", high: "max", at: "defaultRequest", words: "default request value" },
    { low: "defaultRequest", high: "default", at: "defaultRequest", words: "default request value" },
    { low: "min", high: "default", at: "default", words: "min value" },
    { low: "default", high: "max", at: "default", words: "default value" },
  ];
const names: Readonly<Record<Amount, string>> = {
  min: "min value",
  max: "max value",
  default: "default limit value",
  defaultRequest: "default request value",
};

export function validateLimitRange({ spec }: LimitRange): FieldError[] {
  const seen = new Set<string>();
  return (spec?.limits ?? []).flatMap((item, index) => {
    const at = Path.of("spec", "limits").index(index);
    const errors = optionalName(item.type, qualifiedNameErrors, at.child("type"));
    if (!item.type) errors.push(field.required(at.child("type")));
    if (seen.has(item.type)) errors.push(field.duplicate(at.child("type"), item.type));
    seen.add(item.type);
    return [...errors, ...itemErrors(item, at)];
  });
}

function itemErrors(item: LimitRangeItem, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  if (item.type === "Pod") {
    for (const name of ["default", "defaultRequest"] as const) {
      const isSet = Object.keys(item[name] ?? {}).length > 0;
      if (isSet) errors.push(field.forbidden(at.child(name), "may not be specified when `type` is 'Pod'"));
    }
  }
  if (item.type === "PersistentVolumeClaim" && !item.min?.["storage"] && !item.max?.["storage"]) {
    errors.push(field.required(at, "either minimum or maximum storage value is required, but neither was provided"));
  }
  const resources = new Set(
    ["min", "max", "default", "defaultRequest"].flatMap((name) => keysOf(item, name as Amount)),
  );
  for (const resource of [...resources].sort()) errors.push(...orderErrors(item, resource, at));
  for (const [resource, ratio] of Object.entries(item.maxLimitRequestRatio ?? {})) {
    if (parseQuantity(ratio).nanos >= 1_000_000_000n) continue;
    const detail = `ratio ${ratio} is less than 1`;
    errors.push(field.invalid(at.child("maxLimitRequestRatio").key(resource), ratio, detail));
  }
  return errors;
}

function keysOf(item: LimitRangeItem, name: Amount): string[] {
  return Object.keys(item[name] ?? {});
}

function orderErrors(item: LimitRangeItem, resource: string, at: Path): FieldError[] {
  return orders.flatMap(({ low, high, at: place, words }) => {
    const [less, more] = [ownValue(item[low], resource), ownValue(item[high], resource)];
    if (less === undefined || more === undefined) return [];
    if (compareQuantities(parseQuantity(less), parseQuantity(more)) <= 0) return [];
    const value = ownValue(item[place], resource);
    return [
      field.invalid(at.child(place).key(resource), value, `${words} ${less} is greater than ${names[high]} ${more}`),
    ];
  });
}
