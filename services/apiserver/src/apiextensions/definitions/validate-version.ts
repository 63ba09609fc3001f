import type { apiextensionsV1 } from "@tskube/api";
import { type FieldError, field, type Path } from "@tskube/apimachinery";
import { findField } from "../cel/field-path.ts";
import { parseJsonPath } from "../custom-resources/json-path.ts";
import type { Schema } from "../schema/structure.ts";

type Version = apiextensionsV1.CustomResourceDefinitionVersion;

const maxWarning = 256;

/** What is wrong with what clients of a deprecated version are told. */
export function deprecationErrors({ deprecated, deprecationWarning: text }: Version, at: Path): FieldError[] {
  if (text === undefined) return [];
  const problems: string[] = [];
  if (!deprecated) problems.push("can only be set for deprecated versions");
  else {
    if (Buffer.byteLength(text) > maxWarning) problems.push(`must be <= ${maxWarning} characters long`);
    if (text === "") problems.push("must not be an empty string");
    const index = text.search(/[^\P{C}]|[\u2028\u2029]/u);
    if (index >= 0) {
      const where = Buffer.byteLength(text.slice(0, index));
      problems.push(`must only contain printable UTF-8 characters; non-printable character found at index ${where}`);
    }
  }
  return problems.map((problem) => field.invalid(at.child("deprecationWarning"), text, problem));
}

/** Each of scale's paths, with what it must lead into. */
const scalePaths = [
  { name: "specReplicasPath", isRequired: true, prefixes: [".spec."], detail: "should be a json path under .spec" },
  {
    name: "statusReplicasPath",
    isRequired: true,
    prefixes: [".status."],
    detail: "should be a json path under .status",
  },
  {
    name: "labelSelectorPath",
    isRequired: false,
    prefixes: [".spec.", ".status."],
    detail: "should be a json path under either .spec or .status",
  },
] as const;

export function subresourceErrors(subresources: Version["subresources"], at: Path): FieldError[] {
  const scale = subresources?.scale;
  if (!scale) return [];
  return scalePaths.flatMap(({ name, isRequired, prefixes, detail }) => {
    const path = at.child("scale", name);
    const value = scale[name];
    if (!value) return isRequired ? [field.required(path)] : [];
    const wrong = simplePathErrors(value, path);
    if (wrong.length > 0) return wrong;
    return prefixes.some((prefix) => value.startsWith(prefix)) ? [] : [field.invalid(path, value, detail)];
  });
}

function simplePathErrors(value: string, at: Path): FieldError[] {
  return value.startsWith(".") ? [] : [field.invalid(at, value, "must be a simple json path starting with .")];
}

const columnTypes = ["boolean", "date", "integer", "number", "string"];
const columnFormats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

export function columnErrors(column: apiextensionsV1.CustomResourceColumnDefinition, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  const { name, type, format, jsonPath } = column;
  const oneOf = (all: readonly string[]) => `must be one of ${all.join(",")}`;
  if (!name) errors.push(field.required(at.child("name")));
  if (!type) errors.push(field.required(at.child("type"), oneOf(columnTypes)));
  else if (!columnTypes.includes(type)) errors.push(field.invalid(at.child("type"), type, oneOf(columnTypes)));
  if (format && !columnFormats.includes(format)) {
    errors.push(field.invalid(at.child("format"), format, oneOf(columnFormats)));
  }
  const path = at.child("jsonPath");
  if (!jsonPath) return [...errors, field.required(path)];
  const wrong = simplePathErrors(jsonPath, path);
  if (wrong.length > 0) return [...errors, ...wrong];
  try {
    parseJsonPath(jsonPath);
  } catch (error) {
    errors.push(field.invalid(path, jsonPath, (error as Error).message));
  }
  return errors;
}

const maxSelectable = 8;
const selectableTypes: readonly string[] = ["string", "boolean", "integer"];

export function selectableFieldErrors(
  fields: readonly apiextensionsV1.SelectableField[],
  schema: Schema | undefined,
  at: Path,
): FieldError[] {
  if (fields.length === 0) return [];
  if (!schema) {
    const detail = "selectableFields may only be set when version.schema.openAPIV3Schema is not included";
    return [field.invalid(at, "", detail)];
  }
  if (fields.length > maxSelectable) return [field.tooMany(at, fields.length, maxSelectable)];
  const seen = new Set<string>();
  return fields.flatMap(({ jsonPath }, index) => {
    const path = at.index(index).child("jsonPath");
    if (!jsonPath) return [field.required(path)];
    const problem = selectableProblem(jsonPath, schema);
    if (problem) return [field.invalid(path, jsonPath, problem)];
    if (seen.has(jsonPath)) return [field.duplicate(path, jsonPath)];
    seen.add(jsonPath);
    return [];
  });
}

function selectableProblem(jsonPath: string, schema: Schema): string | undefined {
  try {
    const { steps, schema: found } = findField(jsonPath, schema, false);
    if (steps[0]?.name === "metadata") return "must not point to fields in metadata";
    return selectableTypes.includes(found.type ?? "")
      ? undefined
      : "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.";
  } catch (error) {
    return `is an invalid path: ${(error as Error).message}`;
  }
}
