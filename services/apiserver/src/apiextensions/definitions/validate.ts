import type { apiextensionsV1 } from "@tskube/api";
import {
  deepEqual,
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  type FieldError,
  field,
  Path,
  validateImmutable,
} from "@tskube/apimachinery";
import { createRules } from "../cel/rules.ts";
import { fieldNames, parseJsonPath } from "../custom-resources/json-path.ts";
import { setSchemaDefaults } from "../schema/defaults.ts";
import { patternError } from "../schema/patterns.ts";
import { schemaPath, structuralErrors } from "../schema/structural-errors.ts";
import { itemsOf, type Schema } from "../schema/structure.ts";
import { validateValue } from "../schema/validate.ts";
import { approvalAnnotation, approvalProblem, isProtectedGroup } from "./approval.ts";
import { isTrue } from "./conditions.ts";
import { conversionErrors } from "./validate-conversion.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;
type Version = apiextensionsV1.CustomResourceDefinitionVersion;

const specPath = Path.of("spec");

export function validateDefinition(definition: Definition): FieldError[] {
  const { spec, metadata } = definition;
  const errors = [...nameErrors(definition), ...specErrors(definition), ...storedVersionErrors(definition)];
  if (metadata.name !== `${spec.names.plural}.${spec.group}`) {
    errors.unshift(
      field.invalid(Path.of("metadata", "name"), metadata.name, 'must be spec.names.plural+"."+spec.group'),
    );
  }
  const problem = isProtectedGroup(spec.group) ? approvalProblem(definition) : undefined;
  if (problem) {
    const path = Path.of("metadata", "annotations").key(approvalAnnotation);
    const value = metadata.annotations?.[approvalAnnotation] ?? "";
    errors.push(
      problem.isMissing ? field.required(path, problem.message) : field.invalid(path, value, problem.message),
    );
  }
  return errors;
}

export function validateDefinitionUpdate(definition: Definition, old: Definition): FieldError[] {
  const { spec } = definition;
  const errors = [...specErrors(definition, old), ...storedVersionErrors(definition)];
  errors.push(...validateImmutable(spec.group, old.spec.group, specPath.child("group")));
  errors.push(...validateImmutable(spec.names.plural, old.spec.names.plural, specPath.child("names", "plural")));
  if (isTrue(old, "Established")) {
    errors.push(...validateImmutable(spec.scope, old.spec.scope, specPath.child("scope")));
    errors.push(...validateImmutable(spec.names.kind, old.spec.names.kind, specPath.child("names", "kind")));
  }
  return errors;
}

function nameErrors({ spec }: Definition): FieldError[] {
  const { group, names } = spec;
  const errors: FieldError[] = [];
  if (!group) errors.push(field.required(specPath.child("group")));
  else if (!group.includes(".")) {
    errors.push(field.invalid(specPath.child("group"), group, "should be a domain with at least one dot"));
  }
  errors.push(...dns1123SubdomainErrors(group).map((text) => field.invalid(specPath.child("group"), group, text)));
  const path = specPath.child("names");
  if (!names.plural) errors.push(field.required(path.child("plural")));
  if (!names.kind) errors.push(field.required(path.child("kind")));
  const labels: [string, string | undefined][] = [
    ["plural", names.plural],
    ["singular", names.singular],
    ["kind", names.kind.toLowerCase()],
    ["listKind", names.listKind?.toLowerCase()],
  ];
  for (const [name, value] of labels) {
    if (value) errors.push(...dns1035LabelErrors(value).map((text) => field.invalid(path.child(name), value, text)));
  }
  for (const list of ["shortNames", "categories"] as const) {
    for (const [index, value] of (names[list] ?? []).entries()) {
      errors.push(
        ...dns1035LabelErrors(value).map((text) => field.invalid(path.child(list).index(index), value, text)),
      );
    }
  }
  if (names.kind && names.kind === names.listKind) {
    errors.push(field.invalid(path.child("listKind"), names.listKind, "kind and listKind may not be the same"));
  }
  return errors;
}

function specErrors({ spec }: Definition, old?: Definition): FieldError[] {
  const errors: FieldError[] = [];
  if (!["Cluster", "Namespaced"].includes(spec.scope)) {
    errors.push(field.notSupported(specPath.child("scope"), spec.scope, ["Cluster", "Namespaced"]));
  }
  const versions = specPath.child("versions");
  const stored = spec.versions.filter((version) => version.storage).length;
  if (stored !== 1)
    errors.push(field.invalid(versions, spec.versions, "must have exactly one version marked as storage version"));
  const seen = new Set<string>();
  for (const [index, version] of spec.versions.entries()) {
    const at = versions.index(index);
    if (seen.has(version.name))
      errors.push(field.invalid(versions, spec.versions, "must contain unique version names"));
    seen.add(version.name);
    errors.push(...dns1035LabelErrors(version.name).map((text) => field.invalid(at.child("name"), version.name, text)));
    const before = old?.spec.versions.find(({ name }) => name === version.name);
    if (!before || !deepEqual(before, version))
      errors.push(...versionErrors(version, index, at, spec.preserveUnknownFields === true));
  }
  if (spec.preserveUnknownFields && !old?.spec.preserveUnknownFields) {
    errors.push(
      field.invalid(
        specPath.child("preserveUnknownFields"),
        true,
        "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead",
      ),
    );
  }
  return [...errors, ...conversionErrors(spec.conversion, specPath.child("conversion"))];
}

function versionErrors(version: Version, index: number, at: Path, keepsUnknown: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const schema = version.schema?.openAPIV3Schema;
  if (!schema && !keepsUnknown)
    errors.push(field.required(at.child("schema", "openAPIV3Schema"), "schemas are required"));
  if (schema) errors.push(...schemaErrors(schema, index));
  const scale = version.subresources?.scale;
  for (const [name, prefix] of [
    ["specReplicasPath", ".spec."],
    ["statusReplicasPath", ".status."],
  ] as const) {
    if (!scale) break;
    const path = at.child("subresources", "scale", name);
    const value = scale[name];
    if (!value) errors.push(field.required(path));
    else if (!fieldNames(value)) errors.push(field.invalid(path, value, "should be a simple json path"));
    else if (!value.startsWith(prefix))
      errors.push(field.invalid(path, value, `should be a json path under ${prefix.slice(0, -1)}`));
  }
  for (const [i, column] of (version.additionalPrinterColumns ?? []).entries()) {
    errors.push(...columnErrors(column, at.child("additionalPrinterColumns").index(i)));
  }
  for (const [i, { jsonPath }] of (version.selectableFields ?? []).entries()) {
    errors.push(...selectableErrors(jsonPath, schema, at.child("selectableFields").index(i).child("jsonPath")));
  }
  return errors;
}

const columnTypes = ["boolean", "date", "integer", "number", "string"];

function columnErrors(column: apiextensionsV1.CustomResourceColumnDefinition, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  if (!column.name) errors.push(field.required(at.child("name")));
  if (!column.type) errors.push(field.required(at.child("type")));
  else if (!columnTypes.includes(column.type))
    errors.push(field.notSupported(at.child("type"), column.type, columnTypes));
  if (!column.jsonPath) return [...errors, field.required(at.child("jsonPath"))];
  try {
    parseJsonPath(column.jsonPath);
  } catch (error) {
    errors.push(field.invalid(at.child("jsonPath"), column.jsonPath, (error as Error).message));
  }
  return errors;
}

function selectableErrors(jsonPath: string, schema: Schema | undefined, at: Path): FieldError[] {
  const names = fieldNames(jsonPath);
  if (!names) return [field.invalid(at, jsonPath, "is an invalid path: must be a simple json path")];
  const found = names.reduce<Schema | undefined>((node, name) => node?.properties?.[name], schema);
  if (!found) return [field.invalid(at, jsonPath, "is an invalid path: does not refer to a valid field")];
  if (!["string", "boolean", "integer"].includes(found.type ?? "")) {
    return [
      field.invalid(
        at,
        jsonPath,
        "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.",
      ),
    ];
  }
  return [];
}

function schemaErrors(schema: Schema, index: number): FieldError[] {
  const at = schemaPath(index);
  const structural = structuralErrors(schema, at);
  if (structural.length > 0) return structural;
  return [...nodeErrors(schema, at), ...createRules(schema).errors(at)];
}

/** Patterns that compile, and defaults that are valid themselves. */
function nodeErrors(schema: Schema, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  const problem = schema.pattern === undefined ? undefined : patternError(schema.pattern);
  if (problem)
    errors.push(
      field.invalid(at.child("pattern"), schema.pattern, `must be a valid regular expression, but isn't: ${problem}`),
    );
  if (schema.default !== undefined) {
    const value = structuredClone(schema.default);
    setSchemaDefaults(value, schema);
    const wrong = validateValue(value, schema)[0];
    if (wrong)
      errors.push({
        ...wrong,
        field: `${at.child("default").toString()}${wrong.field === "<nil>" ? "" : `.${wrong.field}`}`,
      });
  }
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    errors.push(...nodeErrors(child, at.child("properties").key(name)));
  }
  const items = itemsOf(schema);
  if (items) errors.push(...nodeErrors(items, at.child("items")));
  if (typeof schema.additionalProperties === "object") {
    errors.push(...nodeErrors(schema.additionalProperties, at.child("additionalProperties")));
  }
  return errors;
}

function storedVersionErrors({ spec, status }: Definition): FieldError[] {
  const stored = status?.storedVersions ?? [];
  const path = Path.of("status", "storedVersions");
  const errors: FieldError[] = stored.flatMap((name, index) =>
    spec.versions.some((version) => version.name === name)
      ? []
      : [
          field.invalid(
            path.index(index),
            name,
            `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
          ),
        ],
  );
  const storage = spec.versions.find((version) => version.storage)?.name;
  if (storage !== undefined && !stored.includes(storage)) {
    errors.push(field.invalid(path, stored, `must have the storage version ${storage}`));
  }
  return errors;
}
