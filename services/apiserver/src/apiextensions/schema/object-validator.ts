import type { FieldError, FieldErrorType } from "@tskube/apimachinery";
import { createRules, type Rules } from "../cel/rules.ts";
import { embeddedErrors } from "./embedded.ts";
import { duplicateItems } from "./list-types.ts";
import type { Schema } from "./structure.ts";
import { validateValue } from "./validate.ts";

/** Finds what is wrong with objects of one schema; `old` is what is being replaced. */
export type ObjectValidator = (object: object, old?: object) => FieldError[];

/** The checks in upstream's order; rules are asked only about objects that have the shape they were written for. */
export function createValidator(schema: Schema): ObjectValidator {
  let rules: Rules | undefined;
  return (object, old) => {
    const errors = [
      ...validateValue(object, schema, old),
      ...embeddedErrors(object, schema),
      ...(old && duplicateItems(old, schema).length > 0 ? [] : duplicateItems(object, schema)),
    ];
    if (errors.some(({ type }) => blocking.has(type))) return errors;
    rules ??= createRules(schema);
    return [...errors, ...rules.check(object, old)];
  };
}

/** Errors after which a value may not be what its schema promises. */
const blocking: ReadonlySet<FieldErrorType> = new Set<FieldErrorType>([
  "FieldValueTypeInvalid",
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueDuplicate",
]);
