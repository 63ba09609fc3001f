import { type FieldError, type FieldErrorType, field, Path } from "@tskube/apimachinery";
import { createRules, type Findings, hasRules, type Rules } from "../cel/rules.ts";
import { embeddedErrors } from "./embedded.ts";
import { duplicateItems } from "./list-types.ts";
import { isMap, ownProperty, type Schema } from "./structure.ts";
import { validateValue } from "./validate.ts";

/** Finds what is wrong with objects of one schema. */
export interface ObjectValidator {
  /** `old` is what is being replaced: of what stays as it was, errors become warnings or are passed over. */
  check(object: object, old?: object): Findings;
  /** For writes of the status, which nothing but the status and rules can be wrong with. */
  checkStatus(object: object, old: object): Findings;
}

/** The checks in upstream's order; rules are asked only about objects that have the shape they were written for. */
export function createValidator(schema: Schema): ObjectValidator {
  let rules: Rules | undefined;
  const withRules = (errors: readonly FieldError[], object: object, old: object | undefined): Findings => {
    if (!hasRules(schema)) return { errors, warnings: [] };
    if (errors.some(({ type }) => blocking.has(type))) return { errors: [...errors, unchecked], warnings: [] };
    rules ??= createRules(schema);
    const found = rules.check(object, old);
    return { errors: [...errors, ...found.errors], warnings: found.warnings };
  };
  return {
    check(object, old) {
      const errors = [
        ...validateValue(object, schema, old),
        ...embeddedErrors(object, schema),
        ...newDuplicates(object, old, schema),
      ];
      return withRules(errors, object, old);
    },
    checkStatus(object, old) {
      const errors = [...statusErrors(object, old, schema), ...newDuplicates(object, old, schema)];
      return withRules(errors, object, old);
    },
  };
}

function statusErrors(object: object, old: object, schema: Schema): FieldError[] {
  const own = ownProperty(schema, "status");
  if (!own || !isMap(object) || !isMap(old) || object["status"] === undefined) return [];
  return validateValue(object["status"], own, old["status"], Path.of("status"));
}

/** Items that stand twice are not held against an object that had some before. */
function newDuplicates(object: object, old: object | undefined, schema: Schema): FieldError[] {
  const found = duplicateItems(object, schema);
  return found.length > 0 && old && duplicateItems(old, schema).length > 0 ? [] : found;
}

/** Errors after which a value may not be what its schema promises. */
const blocking: ReadonlySet<FieldErrorType> = new Set<FieldErrorType>([
  "FieldValueNotSupported",
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
]);

const unchecked = field.invalid(
  undefined,
  null,
  "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
);
