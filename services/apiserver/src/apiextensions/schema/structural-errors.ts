import { type FieldError, field, Path } from "@tskube/apimachinery";
import { isEmbeddedResource, isIntOrString, itemsOf, keepsUnknown, type Schema } from "./structure.ts";

/** Where the schema of a version stands in its definition. */
export function schemaPath(version: number): Path {
  return Path.of("spec", "versions").index(version).child("schema", "openAPIV3Schema");
}

/** Whether a schema gives every value one type, outside of junctors: what pruning and defaulting need. */
export function structuralErrors(schema: Schema, at: Path): FieldError[] {
  const errors = nodeErrors(schema, at, "root");
  if (schema.type && schema.type !== "object") {
    errors.push(field.invalid(at.child("type"), schema.type, "must be object at the root"));
  }
  return errors;
}

type Place = "root" | "field" | "item";

const missingType: Readonly<Record<Place, string>> = {
  root: "must not be empty at the root",
  field: "must not be empty for specified object fields",
  item: "must not be empty for specified array items",
};

function nodeErrors(schema: Schema, at: Path, place: Place): FieldError[] {
  const errors: FieldError[] = [];
  const isFree = isIntOrString(schema) || (keepsUnknown(schema) && place !== "root");
  if (!schema.type && !isFree) errors.push(field.required(at.child("type"), missingType[place]));
  if (schema.type && isIntOrString(schema)) {
    errors.push(field.invalid(at.child("type"), schema.type, "must be empty if x-kubernetes-int-or-string is true"));
  }
  if (isEmbeddedResource(schema)) errors.push(...embeddedSchemaErrors(schema, at));
  errors.push(...extensionErrors(schema, at));
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    errors.push(...nodeErrors(child, at.child("properties").key(name), "field"));
  }
  const { additionalProperties } = schema;
  if (schema.properties && additionalProperties !== undefined) {
    errors.push(
      field.forbidden(at.child("additionalProperties"), "additionalProperties and properties are mutual exclusive"),
    );
  }
  if (typeof additionalProperties === "object") {
    errors.push(...nodeErrors(additionalProperties, at.child("additionalProperties"), "field"));
  }
  const items = itemsOf(schema);
  if (Array.isArray(schema.items)) {
    errors.push(field.forbidden(at.child("items"), "items must be a schema object and not an array"));
  } else if (items) {
    errors.push(...nodeErrors(items, at.child("items"), "item"));
  } else if (schema.type === "array") {
    errors.push(field.required(at.child("items"), "must be specified"));
  }
  return [...errors, ...junctorErrors(schema, schema, at)];
}

function embeddedSchemaErrors(schema: Schema, at: Path): FieldError[] {
  if (schema.properties || keepsUnknown(schema)) return [];
  return [
    field.required(
      at.child("properties"),
      "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields",
    ),
  ];
}

function extensionErrors(schema: Schema, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  const listType = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"];
  const mapType = schema["x-kubernetes-map-type"];
  if (listType !== undefined) {
    const path = at.child("x-kubernetes-list-type");
    if (schema.type !== "array")
      errors.push(
        field.invalid(at.child("type"), schema.type ?? "", "must be array if x-kubernetes-list-type is specified"),
      );
    if (!["atomic", "set", "map"].includes(listType))
      errors.push(field.notSupported(path, listType, ["atomic", "map", "set"]));
    if (listType === "map" && !keys?.length) {
      errors.push(
        field.required(at.child("x-kubernetes-list-map-keys"), "must not be empty if x-kubernetes-list-type is map"),
      );
    }
  }
  if (keys?.length && listType !== "map") {
    errors.push(
      field.invalid(
        at.child("x-kubernetes-list-type"),
        listType ?? "",
        "must be map if x-kubernetes-list-map-keys is non-empty",
      ),
    );
  }
  const items = itemsOf(schema);
  for (const [index, key] of (keys ?? []).entries()) {
    const path = at.child("x-kubernetes-list-map-keys").index(index);
    const found = items?.properties?.[key];
    if (!found) errors.push(field.invalid(path, key, "entries must all be names of item properties"));
    else if (found.default === undefined && !items?.required?.includes(key)) {
      const path = at.child("items", "properties").key(key).child("default");
      errors.push(
        field.required(
          path,
          "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
        ),
      );
    }
  }
  if (mapType !== undefined) {
    if (schema.type !== "object")
      errors.push(
        field.invalid(at.child("type"), schema.type ?? "", "must be object if x-kubernetes-map-type is specified"),
      );
    if (!["atomic", "granular"].includes(mapType))
      errors.push(field.notSupported(at.child("x-kubernetes-map-type"), mapType, ["atomic", "granular"]));
  }
  return errors;
}

/** What may not stand inside junctors, for it would shape values only sometimes. */
const structural = [
  "description",
  "type",
  "default",
  "additionalProperties",
  "nullable",
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-embedded-resource",
  "x-kubernetes-list-type",
  "x-kubernetes-map-type",
] as const;

function junctorErrors(holder: Schema, schema: Schema, at: Path): FieldError[] {
  const { anyOf, oneOf, allOf, not } = holder;
  const lists = Object.entries({ allOf, anyOf, oneOf }).flatMap(([name, parts]) =>
    (parts ?? []).map((part, index): [Schema, Path] => [part, at.child(name).index(index)]),
  );
  if (not) lists.push([not, at.child("not")]);
  return lists.flatMap(([part, path]) => partErrors(part, schema, path));
}

function partErrors(part: Schema, schema: Schema, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  const mayHaveType = isIntOrString(schema);
  for (const name of structural) {
    if (part[name] === undefined || (name === "type" && mayHaveType)) continue;
    errors.push(field.forbidden(at.child(name), "must be empty to be structural"));
  }
  for (const [name, child] of Object.entries(part.properties ?? {})) {
    const path = at.child("properties").key(name);
    const outer = schema.properties?.[name];
    if (outer) errors.push(...partErrors(child, outer, path));
    else if (!schema.additionalProperties && !keepsUnknown(schema))
      errors.push(
        field.required(
          Path.of(path.toString().replace(/\.(?:allOf|anyOf|oneOf)\[\d+\]|\.not/, "")),
          `because it is defined in ${path.toString()}`,
        ),
      );
  }
  const items = itemsOf(part);
  if (items) errors.push(...partErrors(items, itemsOf(schema) ?? {}, at.child("items")));
  return [...errors, ...junctorErrors(part, schema, at)];
}
