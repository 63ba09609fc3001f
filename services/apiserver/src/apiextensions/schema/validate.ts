import { deepEqual, type FieldError, field, goQuote, type Path } from "@tskube/apimachinery";
import { hasFormat } from "./formats.ts";
import { oldItemFinder } from "./old-items.ts";
import { type At, bodyPath, childAt, indexAt } from "./path-at.ts";
import { matchesPattern } from "./patterns.ts";
import { childOf, isIntOrString, isMap, itemsOf, type Schema } from "./structure.ts";

/**
 * What the schema finds wrong with a value, in upstream's words. With `old`, the value that is being replaced, parts that stay as they were are
 * not looked into again: an object that a newer schema would refuse can still be changed elsewhere.
 */
export function validateValue(value: unknown, schema: Schema, old?: unknown, at?: Path): FieldError[] {
  const errors: FieldError[] = [];
  visit(errors, value, schema, at, old);
  return errors;
}

function visit(errors: FieldError[], value: unknown, schema: Schema, at: At, old: unknown): void {
  if (at !== undefined && old !== undefined && deepEqual(value, old)) return;
  const found = typeError(value, schema, at);
  if (found) {
    errors.push(found);
    return;
  }
  if (value === null) return;
  checkEnum(errors, value, schema, at);
  if (typeof value === "number") checkNumber(errors, value, schema, at);
  else if (typeof value === "string") checkString(errors, value, schema, at);
  else if (Array.isArray(value)) checkList(errors, value, schema, at, old);
  else if (isMap(value)) checkObject(errors, value, schema, at, old);
  checkJunctors(errors, value, schema, at);
}

function jsonType(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function typeError(value: unknown, schema: Schema, at: At): FieldError | undefined {
  const found = jsonType(value);
  if (found === "null" && schema.nullable) return undefined;
  const wanted = isIntOrString(schema) ? ["integer", "string"] : schema.type ? [schema.type] : [];
  if (wanted.length === 0 || wanted.includes(found) || (found === "integer" && wanted.includes("number")))
    return undefined;
  return typeInvalid(at, found, wanted.join(","));
}

function typeInvalid(at: At, value: string, wanted: string): FieldError {
  return field.typeInvalid(at, value, `${bodyPath(at)} in body must be of type ${wanted}: ${goQuote(value)}`);
}

function checkEnum(errors: FieldError[], value: unknown, { enum: allowed }: Schema, at: At): void {
  if (!allowed || allowed.some((one) => deepEqual(one, value))) return;
  errors.push(
    field.notSupported(
      at,
      value,
      allowed.map((one) => (typeof one === "string" ? one : JSON.stringify(one))),
    ),
  );
}

function checkNumber(errors: FieldError[], value: number, schema: Schema, at: At): void {
  const { minimum, maximum, multipleOf } = schema;
  const say = (text: string) => errors.push(field.invalid(at, value, `${bodyPath(at)} in body should be ${text}`));
  if (maximum !== undefined && (schema.exclusiveMaximum ? value >= maximum : value > maximum)) {
    say(`less than ${schema.exclusiveMaximum ? "" : "or equal to "}${maximum}`);
  }
  if (minimum !== undefined && (schema.exclusiveMinimum ? value <= minimum : value < minimum)) {
    say(`greater than ${schema.exclusiveMinimum ? "" : "or equal to "}${minimum}`);
  }
  if (multipleOf !== undefined && !Number.isInteger(Number((value / multipleOf).toPrecision(12)))) {
    say(`a multiple of ${multipleOf}`);
  }
}

function checkString(errors: FieldError[], value: string, schema: Schema, at: At): void {
  const { minLength, maxLength, pattern, format } = schema;
  const length = minLength !== undefined || maxLength !== undefined ? [...value].length : 0;
  if (maxLength !== undefined && length > maxLength) errors.push(field.tooLong(at, maxLength));
  const say = (text: string) => errors.push(field.invalid(at, value, `${bodyPath(at)} in body should ${text}`));
  if (minLength !== undefined && length < minLength) say(`be at least ${minLength} chars long`);
  if (pattern !== undefined && !matchesPattern(pattern, value)) say(`match '${pattern}'`);
  if (format && !hasFormat(format, value)) errors.push(typeInvalid(at, value, format));
}

function checkList(errors: FieldError[], value: readonly unknown[], schema: Schema, at: At, old: unknown): void {
  const items = itemsOf(schema);
  if (items) {
    const oldItem = oldItemFinder(schema, old);
    value.forEach((item, index) => {
      visit(errors, item, items, indexAt(at, index), oldItem(item));
    });
  }
  const { minItems, maxItems, uniqueItems } = schema;
  const say = (shown: unknown, text: string) =>
    errors.push(field.invalid(at, shown, `${bodyPath(at)} in body should${text}`));
  if (minItems !== undefined && value.length < minItems) say(value.length, ` have at least ${minItems} items`);
  if (maxItems !== undefined && value.length > maxItems) errors.push(field.tooMany(at, value.length, maxItems));
  if (uniqueItems && hasDuplicates(value)) {
    errors.push(field.invalid(at, "", `${bodyPath(at)} in body shouldn't contain duplicates`));
  }
}

function hasDuplicates(list: readonly unknown[]): boolean {
  return list.some((item, index) => list.slice(index + 1).some((other) => deepEqual(item, other)));
}

function checkObject(
  errors: FieldError[],
  value: Readonly<Record<string, unknown>>,
  schema: Schema,
  at: At,
  old: unknown,
): void {
  const count = Object.keys(value).length;
  const { minProperties, maxProperties } = schema;
  if (minProperties !== undefined && count < minProperties) {
    errors.push(field.invalid(at, count, `${bodyPath(at)} in body should have at least ${minProperties} properties`));
  }
  if (maxProperties !== undefined && count > maxProperties) errors.push(field.tooMany(at, count, maxProperties));
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) errors.push(field.required(childAt(at, name)));
  }
  for (const name of Object.keys(value)) {
    const child = childOf(schema, name);
    const before = isMap(old) && Object.hasOwn(old, name) ? old[name] : undefined;
    if (child) visit(errors, value[name], child, childAt(at, name), before);
  }
}

/** Junctors see the whole value: what failed inside them is told only where upstream tells it. */
function checkJunctors(errors: FieldError[], value: unknown, schema: Schema, at: At): void {
  const path = goQuote(bodyPath(at));
  const say = (text: string) => errors.push(field.invalid(undefined as Path | undefined, "", `${path} must ${text}`));
  const trial = (part: Schema) => {
    const found: FieldError[] = [];
    visit(found, value, part, at, undefined);
    return found;
  };
  const { anyOf, oneOf, allOf, not } = schema;
  if (anyOf?.length) {
    const found = anyOf.map(trial);
    if (!found.some(({ length }) => length === 0)) {
      say("validate at least one schema (anyOf)");
      errors.push(...fewest(found));
    }
  }
  if (oneOf?.length) {
    const found = oneOf.map(trial);
    const valid = found.filter(({ length }) => length === 0).length;
    if (valid !== 1) {
      say(
        `validate one and only one schema (oneOf). Found ${valid === 0 ? "none valid" : `${valid} valid alternatives`}`,
      );
      if (valid === 0) errors.push(...fewest(found));
    }
  }
  if (allOf?.length) {
    const found = allOf.map(trial);
    const failed = found.filter(({ length }) => length > 0);
    if (failed.length > 0) {
      say(`validate all the schemas (allOf)${failed.length === found.length ? ". None validated" : ""}`);
      errors.push(...failed.flat());
    }
  }
  if (not && trial(not).length === 0) say("not validate the schema (not)");
}

/** The alternative that came closest to being valid. */
function fewest(alternatives: readonly FieldError[][]): readonly FieldError[] {
  return alternatives.reduce((best, next) => (next.length < best.length ? next : best));
}
