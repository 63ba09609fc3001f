import { deepEqual, type FieldError, field, fieldErrorMessage, type Path } from "@tskube/apimachinery";
import { isEmbeddedResource, isIntOrString, itemsOf, keepsUnknown, ownProperty, type Schema } from "./structure.ts";

/** Whether a schema gives every value one type, outside of junctors: what pruning and defaulting need. Sorted by their messages, as upstream. */
export function structuralErrors(schema: Schema, at: Path): FieldError[] {
  const errors = [...nodeErrors(schema, at, "root"), ...completenessErrors(schema, at)];
  const messages = new Map(errors.map((error) => [error, fieldErrorMessage(error)]));
  return errors.sort((a, b) => ((messages.get(a) ?? "") < (messages.get(b) ?? "") ? -1 : 1));
}

type Place = "root" | "field" | "item";

const missingType: Readonly<Record<Place, string>> = {
  root: "must not be empty at the root",
  field: "must not be empty for specified object fields",
  item: "must not be empty for specified array items",
};

function nodeErrors(schema: Schema, at: Path, place: Place): FieldError[] {
  const errors: FieldError[] = [];
  const items = itemsOf(schema);
  if (schema.type === "array" && !items) errors.push(field.required(at.child("items"), "must be specified"));
  if (items) errors.push(...nodeErrors(items, at.child("items"), "item"));
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    errors.push(...nodeErrors(child, at.child("properties").key(name), "field"));
  }
  const { additionalProperties } = schema;
  if (additionalProperties !== undefined && place === "root") {
    errors.push(field.forbidden(at.child("additionalProperties"), "must not be used at the root"));
  }
  if (typeof additionalProperties === "object") {
    errors.push(...nodeErrors(additionalProperties, at.child("additionalProperties"), "field"));
  }
  return [
    ...errors,
    ...extensionErrors(schema, at),
    ...junctorErrors(schema, at, { skipsAnyOf: saysEitherType(schema), skipsFirstAllOf: saysEitherTypeFirst(schema) }),
    ...typeErrors(schema, at, place),
    ...metadataErrors(schema, at, place),
  ];
}

function extensionErrors(schema: Schema, at: Path): FieldError[] {
  if (!isIntOrString(schema)) return [];
  const excluded = ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] as const;
  return excluded
    .filter((name) => schema[name])
    .map((name) => field.invalid(at.child(name), true, "must be false if x-kubernetes-int-or-string is true"));
}

const resourceType = "must be object if x-kubernetes-embedded-resource is true";

function typeErrors(schema: Schema, at: Path, place: Place): FieldError[] {
  const { type } = schema;
  const path = at.child("type");
  const errors: FieldError[] = [];
  if (isEmbeddedResource(schema) && type !== "object") {
    errors.push(type ? field.invalid(path, type, resourceType) : field.required(path, resourceType));
  } else if (!type && !isIntOrString(schema) && !keepsUnknown(schema)) {
    errors.push(field.required(path, missingType[place]));
  }
  if (isEmbeddedResource(schema) && schema.additionalProperties !== undefined) {
    const detail = "must not be used if x-kubernetes-embedded-resource is set";
    errors.push(field.forbidden(at.child("additionalProperties"), detail));
  }
  if (place === "root" && type && type !== "object")
    errors.push(field.invalid(path, type, "must be object at the root"));
  if (isEmbeddedResource(schema) && !keepsUnknown(schema) && !Object.keys(schema.properties ?? {}).length) {
    const detail =
      "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
    errors.push(field.required(at.child("properties"), detail));
  }
  return errors;
}

/** The fields that every resource has may be named, and its names restricted. */
function metadataErrors(schema: Schema, at: Path, place: Place): FieldError[] {
  if (place !== "root" && !isEmbeddedResource(schema)) return [];
  const errors: FieldError[] = [];
  for (const name of ["kind", "apiVersion"]) {
    const property = ownProperty(schema, name);
    if (!property || property.type === "string") continue;
    errors.push(field.invalid(at.child("properties").key(name).child("type"), property.type ?? "", "must be string"));
  }
  const metadata = ownProperty(schema, "metadata");
  const path = at.child("properties").key("metadata");
  if (!metadata) return errors;
  if (metadata.type !== "object") errors.push(field.invalid(path.child("type"), metadata.type ?? "", "must be object"));
  if (place === "root" && saysMoreThanNames(metadata)) {
    const detail = "must not specify anything other than name and generateName, but metadata is implicitly specified";
    errors.push(field.forbidden(path, detail));
  }
  return errors;
}

function saysMoreThanNames({ type: _type, properties = {}, default: _default, ...rest }: Schema): boolean {
  const others = Object.keys(properties).filter((name) => name !== "name" && name !== "generateName");
  return others.length > 0 || Object.keys(rest).length > 0;
}

const eitherType = [{ type: "integer" }, { type: "string" }];

/** The junctor that says in words of OpenAPI what `x-kubernetes-int-or-string` says; types are allowed in it. */
function saysEitherType({ anyOf }: Schema): boolean {
  return deepEqual(anyOf, eitherType);
}

function saysEitherTypeFirst({ allOf }: Schema): boolean {
  return allOf?.[0] !== undefined && saysEitherType(allOf[0]);
}

interface Skipped {
  readonly skipsAnyOf: boolean;
  readonly skipsFirstAllOf: boolean;
}

const nothingSkipped: Skipped = { skipsAnyOf: false, skipsFirstAllOf: false };

function junctorErrors(
  { anyOf, allOf, oneOf, not }: Schema,
  at: Path,
  { skipsAnyOf, skipsFirstAllOf }: Skipped,
): FieldError[] {
  const partsOf = (name: string, parts: readonly Schema[] = []) =>
    parts.flatMap((part, index) => {
      const skipped = { skipsAnyOf: name === "allOf" && skipsFirstAllOf && index === 0, skipsFirstAllOf: false };
      return partErrors(part, at.child(name).index(index), skipped);
    });
  return [
    ...(skipsAnyOf ? [] : partsOf("anyOf", anyOf)),
    ...partsOf("allOf", allOf),
    ...partsOf("oneOf", oneOf),
    ...(not ? partErrors(not, at.child("not"), nothingSkipped) : []),
  ];
}

/** What may not stand inside junctors, for it would shape values only sometimes; with what upstream says of it. */
const structural = {
  type: "must be empty to be structural",
  additionalProperties: "must be undefined to be structural",
  default: "must be undefined to be structural",
  title: "must be empty to be structural",
  description: "must be empty to be structural",
  nullable: "must be false to be structural",
  externalDocs: "must be undefined to be structural",
  "x-kubernetes-preserve-unknown-fields": "must be false to be structural",
  "x-kubernetes-embedded-resource": "must be false to be structural",
  "x-kubernetes-int-or-string": "must be false to be structural",
  "x-kubernetes-list-map-keys": "must be empty to be structural",
  "x-kubernetes-list-type": "must be undefined to be structural",
  "x-kubernetes-map-type": "must be undefined to be structural",
  "x-kubernetes-validations": "must be empty to be structural",
} as const;

function partErrors(part: Schema, at: Path, skipped: Skipped): FieldError[] {
  const errors = junctorErrors(part, at, skipped);
  const items = itemsOf(part);
  if (items) errors.push(...partErrors(items, at.child("items"), nothingSkipped));
  for (const [name, child] of Object.entries(part.properties ?? {})) {
    errors.push(...partErrors(child, at.child("properties").key(name), nothingSkipped));
  }
  for (const [name, detail] of Object.entries(structural)) {
    const value = part[name as keyof typeof structural];
    if (value === undefined || value === false || value === "") continue;
    errors.push(field.forbidden(at.child(name), detail));
  }
  if (ownProperty(part, "metadata")) {
    const detail = "must not be specified in a nested context";
    errors.push(field.forbidden(at.child("properties").key("metadata"), detail));
  }
  return errors;
}

/** Whatever junctors speak of must be there outside of them, too. */
function completenessErrors(schema: Schema, at: Path): FieldError[] {
  const items = itemsOf(schema);
  const { additionalProperties } = schema;
  return [
    ...mentioned(schema, schema, at, at),
    ...(items ? completenessErrors(items, at.child("items")) : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
      completenessErrors(child, at.child("properties").key(name)),
    ),
    ...(typeof additionalProperties === "object"
      ? completenessErrors(additionalProperties, at.child("additionalProperties"))
      : []),
  ];
}

function mentioned(holder: Schema, schema: Schema, at: Path, mentionedAt: Path): FieldError[] {
  const { not, allOf, anyOf, oneOf } = holder;
  const lists = Object.entries({ allOf, anyOf, oneOf }).flatMap(([name, parts]) =>
    (parts ?? []).flatMap((part, index) => partMentions(part, schema, at, mentionedAt.child(name).index(index))),
  );
  return [...(not ? partMentions(not, schema, at, mentionedAt.child("not")) : []), ...lists];
}

function partMentions(part: Schema, schema: Schema | undefined, at: Path, mentionedAt: Path): FieldError[] {
  if (!schema) return [field.required(at, `because it is defined in ${mentionedAt.toString()}`)];
  const items = itemsOf(part);
  const below = Object.entries(part.properties ?? {}).flatMap(([name, child]) =>
    partMentions(
      child,
      ownProperty(schema, name),
      at.child("properties").key(name),
      mentionedAt.child("properties").key(name),
    ),
  );
  return [
    ...mentioned(part, schema, at, mentionedAt),
    ...(items ? partMentions(items, itemsOf(schema), at.child("items"), mentionedAt.child("items")) : []),
    ...below,
  ];
}
