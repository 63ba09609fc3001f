import { celType, type Field, type Type } from "../../cel/index.ts";
import { isEmbeddedResource, isIntOrString, itemsOf, type Schema } from "../schema/structure.ts";
import { escapeName } from "./escape-name.ts";

/** The type of the values of a schema, and how large they may be: what costs of expressions are estimated by. */
export interface SchemaType {
  readonly type: Type;
  /** Of a list, map or text, the most items or characters; 0 for everything else. */
  readonly maxElements: number;
  /** The fewest bytes that a value takes as JSON. */
  readonly minSize: number;
  /** Items of a list, values of a map. */
  readonly elem?: SchemaType;
  /** By escaped names. */
  readonly fields?: ReadonlyMap<string, SchemaType>;
}

/** What a request's body may have: no value is larger. */
export const maxRequestBytes = 3 * 1024 * 1024;

const text: Schema = { type: "string" };
const metadata: Schema = { type: "object", properties: { name: text, generateName: text } };

/** At the root of a resource, kind, version and name can be read whether the schema has them or not. */
export function withObjectFields(schema: Schema): Schema {
  return { ...schema, properties: { ...schema.properties, apiVersion: text, kind: text, metadata } };
}

/** Undefined for values that rules cannot see, such as free-form ones. `name` is what objects of the schema are called. */
export function schemaType(schema: Schema, isResourceRoot: boolean, name = "selfType"): SchemaType | undefined {
  if (isIntOrString(schema)) {
    return { type: celType.DYN, maxElements: maxLengthOf(schema, maxRequestBytes - 2), minSize: 1 };
  }
  const seen = isResourceRoot ? withObjectFields(schema) : schema;
  switch (seen.type) {
    case "array":
      return listType(seen, name);
    case "object":
      return typeof seen.additionalProperties === "object"
        ? mapType(seen, seen.additionalProperties, name)
        : objectType(seen, name);
    case "string":
      return textType(seen);
    case "boolean":
      return { type: celType.BOOL, maxElements: 0, minSize: 4 };
    case "number":
      return { type: celType.DOUBLE, maxElements: 0, minSize: 1 };
    case "integer":
      return { type: celType.INT, maxElements: 0, minSize: 1 };
    default:
      return undefined;
  }
}

/** A list that its schema does not bound has as many of the smallest items as fit into a request; so have maps. */
function listType(schema: Schema, name: string): SchemaType | undefined {
  const items = itemsOf(schema);
  const elem = items && schemaType(items, isEmbeddedResource(items), `${name}.@idx`);
  if (!elem) return undefined;
  const fitting = Math.floor((maxRequestBytes - 2) / (elem.minSize + 1));
  const keys = keysOf(schema);
  const type = keys ? celType.keyedListOf(elem.type, keys) : celType.listOf(elem.type);
  return { type, maxElements: bound(schema.maxItems, fitting), minSize: 2, elem };
}

/** What expressions tell items apart by when their order does not matter. */
function keysOf(schema: Schema): readonly string[] | undefined {
  switch (schema["x-kubernetes-list-type"]) {
    case "set":
      return [];
    case "map":
      return (schema["x-kubernetes-list-map-keys"] ?? []).flatMap((name) => escapeName(name) ?? []);
    default:
      return undefined;
  }
}

function mapType(schema: Schema, values: Schema, name: string): SchemaType | undefined {
  const elem = schemaType(values, isEmbeddedResource(values), `${name}.@elem`);
  if (!elem) return undefined;
  const fitting = Math.floor((maxRequestBytes - 2) / (elem.minSize + 6));
  const type = celType.mapOf(celType.STRING, elem.type);
  return { type, maxElements: bound(schema.maxProperties, fitting), minSize: 2, elem };
}

function objectType({ properties = {}, required = [] }: Schema, name: string): SchemaType {
  const fields = new Map<string, SchemaType>();
  const typed = new Map<string, Field>();
  let minSize = 2;
  for (const [json, property] of Object.entries(properties)) {
    const field = schemaType(property, isEmbeddedResource(property), `${name}.${json}`);
    if (!field) continue;
    const escaped = escapeName(json);
    if (escaped !== undefined) {
      fields.set(escaped, field);
      typed.set(escaped, { json, type: field.type });
    }
    if (required.includes(json) && property.default === undefined) minSize += json.length + field.minSize + 4;
  }
  return { type: celType.objectType(name, () => typed), maxElements: 0, minSize, fields };
}

function textType(schema: Schema): SchemaType {
  switch (schema.format) {
    case "byte":
      return { type: celType.BYTES, maxElements: bound(schema.maxLength, maxRequestBytes - 2), minSize: 2 };
    case "duration":
      return { type: celType.DURATION, maxElements: 32, minSize: 3 };
    case "date":
      return { type: celType.TIMESTAMP, maxElements: 12, minSize: 12 };
    case "date-time":
      return { type: celType.TIMESTAMP, maxElements: 32, minSize: 5 };
    default:
      return { type: celType.STRING, maxElements: maxLengthOf(schema, longestEnum(schema)), minSize: 2 };
  }
}

/** Lengths are said in characters, of which each may take four bytes. */
function maxLengthOf({ maxLength }: Schema, otherwise: number): number {
  return maxLength === undefined ? otherwise : Math.max(maxLength, 0) * 4;
}

function longestEnum({ enum: values }: Schema): number {
  if (!values?.length) return maxRequestBytes - 2;
  return Math.max(0, ...values.map((value) => (typeof value === "string" ? Buffer.byteLength(value) : 0)));
}

function bound(limit: number | undefined, otherwise: number): number {
  return limit === undefined ? otherwise : Math.max(limit, 0);
}
