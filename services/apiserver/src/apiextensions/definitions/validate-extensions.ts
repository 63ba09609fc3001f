import { type FieldError, field, type Path } from "@tskube/apimachinery";
import { itemsOf, ownProperty, type Schema } from "../schema/structure.ts";

/** What is wrong with the extensions that say how a node's values are merged and kept. */
export function extensionErrors(schema: Schema, at: Path): FieldError[] {
  return [...keepsUnknownErrors(schema, at), ...mapTypeErrors(schema, at), ...listTypeErrors(schema, at)];
}

function keepsUnknownErrors(schema: Schema, at: Path): FieldError[] {
  if (schema["x-kubernetes-preserve-unknown-fields"] !== false) return [];
  return [field.invalid(at.child("x-kubernetes-preserve-unknown-fields"), false, "must be true or undefined")];
}

function typeMustBe(schema: Schema, at: Path, wanted: string, extension: string): FieldError[] {
  if (schema.type === wanted) return [];
  const [path, detail] = [at.child("type"), `must be ${wanted} if ${extension} is specified`];
  return [schema.type ? field.invalid(path, schema.type, detail) : field.required(path, detail)];
}

function mapTypeErrors(schema: Schema, at: Path): FieldError[] {
  const mapType = schema["x-kubernetes-map-type"];
  if (mapType === undefined) return [];
  const errors = typeMustBe(schema, at, "object", "x-kubernetes-map-type");
  if (mapType !== "atomic" && mapType !== "granular") {
    errors.push(field.notSupported(at.child("x-kubernetes-map-type"), mapType, ["atomic", "granular"]));
  }
  return errors;
}

function listTypeErrors(schema: Schema, at: Path): FieldError[] {
  const listType = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const path = at.child("x-kubernetes-list-type");
  const errors: FieldError[] = [];
  if (listType !== undefined) {
    errors.push(...typeMustBe(schema, at, "array", "x-kubernetes-list-type"));
    if (errors.length === 0 && listType === "set") errors.push(...setItemErrors(schema, at));
    if (!["atomic", "set", "map"].includes(listType)) {
      errors.push(field.notSupported(path, listType, ["atomic", "set", "map"]));
    }
  }
  if (keys.length > 0 && listType !== "map") {
    const detail = "must be map if x-kubernetes-list-map-keys is non-empty";
    errors.push(listType === undefined ? field.required(path, detail) : field.invalid(path, listType, detail));
  }
  if (listType === "map") errors.push(...mapListErrors(schema, keys, at));
  if (listType === "map" || listType === "set") errors.push(...identityErrors(schema, listType, keys, at));
  return errors;
}

/** Items of sets are compared as wholes. */
function setItemErrors(schema: Schema, at: Path): FieldError[] {
  const items = itemsOf(schema);
  const detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
  const inner = items?.["x-kubernetes-list-type"];
  if (items?.type === "array" && inner !== undefined && inner !== "atomic") {
    return [field.invalid(at.child("items", "x-kubernetes-list-type"), inner, detail)];
  }
  if (items?.type === "object" && items["x-kubernetes-map-type"] !== "atomic") {
    return [field.invalid(at.child("items", "x-kubernetes-map-type"), inner ?? null, detail)];
  }
  return [];
}

function mapListErrors(schema: Schema, keys: readonly string[], at: Path): FieldError[] {
  const errors: FieldError[] = [];
  const keysPath = at.child("x-kubernetes-list-map-keys");
  const items = itemsOf(schema);
  if (keys.length === 0) errors.push(field.required(keysPath, "must not be empty if x-kubernetes-list-type is map"));
  if (schema.items === undefined) {
    errors.push(field.required(at.child("items"), "must have a schema if x-kubernetes-list-type is map"));
  } else if (!items) {
    const detail = "must only have a single schema if x-kubernetes-list-type is map";
    errors.push(field.invalid(at.child("items"), schema.items, detail));
  } else if (items.type !== "object") {
    const detail = "must be object if parent array's x-kubernetes-list-type is map";
    errors.push(field.invalid(at.child("items", "type"), items.type ?? "", detail));
  } else {
    errors.push(...keyErrors(items, keys, at));
  }
  return errors;
}

function keyErrors(items: Schema, keys: readonly string[], at: Path): FieldError[] {
  const keysPath = at.child("x-kubernetes-list-map-keys");
  const seen = new Set<string>();
  return keys.flatMap((key) => {
    const errors: FieldError[] = [];
    const property = ownProperty(items, key);
    if (!property) errors.push(field.invalid(keysPath, keys, "entries must all be names of item properties"));
    else if (property.type === "array" || property.type === "object") {
      const path = at.child("items", "properties").key(key).child("type");
      const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(field.invalid(path, items.type ?? "", detail));
    }
    if (seen.has(key)) errors.push(field.invalid(keysPath, keys, "must not contain duplicate entries"));
    seen.add(key);
    return errors;
  });
}

/** What tells items apart must always be there. */
function identityErrors(schema: Schema, listType: string, keys: readonly string[], at: Path): FieldError[] {
  const items = itemsOf(schema);
  if (!items) return [];
  const errors: FieldError[] = [];
  if (items.nullable) {
    const path = at.child("items", "nullable");
    errors.push(field.forbidden(path, `cannot be nullable when x-kubernetes-list-type is ${listType}`));
  }
  for (const key of listType === "map" ? keys : []) {
    const property = ownProperty(items, key);
    const path = at.child("items", "properties").key(key);
    if (property && property.default === undefined && !items.required?.includes(key)) {
      const detail =
        "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
      errors.push(field.required(path.child("default"), detail));
    }
    if (property?.nullable) {
      const detail = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable";
      errors.push(field.forbidden(path.child("nullable"), detail));
    }
  }
  return errors;
}
