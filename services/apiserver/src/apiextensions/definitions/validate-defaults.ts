import { deepEqual, type FieldError, field, type Path } from "@tskube/apimachinery";
import { createRules } from "../cel/rules.ts";
import { setSchemaDefaults } from "../schema/defaults.ts";
import { embeddedErrors } from "../schema/embedded.ts";
import { duplicateItems } from "../schema/list-types.ts";
import { prune } from "../schema/prune.ts";
import { isEmbeddedResource, itemsOf, type Schema } from "../schema/structure.ts";
import { validateValue } from "../schema/validate.ts";

/** Defaults that would not be valid themselves, everywhere in a schema. */
export function validateDefaults(schema: Schema, at: Path): FieldError[] {
  const { additionalProperties } = schema;
  const items = itemsOf(schema);
  return [
    ...(schema.default === undefined ? [] : ownErrors(schema, schema.default, at.child("default"))),
    ...(items ? validateDefaults(items, at.child("items")) : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
      validateDefaults(child, at.child("properties").key(name)),
    ),
    ...(typeof additionalProperties === "object"
      ? validateDefaults(additionalProperties, at.child("additionalProperties"))
      : []),
  ];
}

function ownErrors(schema: Schema, initial: unknown, at: Path): FieldError[] {
  const pruned = structuredClone(initial);
  prune(pruned, schema, isEmbeddedResource(schema));
  const unknown = deepEqual(pruned, initial) ? [] : [field.invalid(at, initial, "must not have unknown fields")];
  const value = structuredClone(initial);
  setSchemaDefaults(value, schema);
  const { default: _default, ...plain } = schema;
  const found = [...embeddedErrors(value, plain), ...validateValue(value, plain), ...duplicateItems(value, plain)];
  const wrong = found.length === 0 && typeof value === "object" && value !== null ? rulesErrors(value, plain) : found;
  return [...unknown, ...wrong.map((error) => ({ ...error, field: below(at, error.field) }))];
}

function rulesErrors(value: object, schema: Schema): readonly FieldError[] {
  return createRules(schema, isEmbeddedResource(schema)).check(value, value).errors;
}

function below(at: Path, path: string): string {
  if (path === "<nil>" || path === "") return at.toString();
  return path.startsWith("[") ? `${at.toString()}${path}` : `${at.toString()}.${path}`;
}
