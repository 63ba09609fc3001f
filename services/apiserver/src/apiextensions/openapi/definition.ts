import type { Schema } from "../schema/structure.ts";
import { isEmbeddedResource, isIntOrString, keepsUnknown } from "../schema/structure.ts";

export type Json = Record<string, unknown>;

const metaPrefix = "io.k8s.apimachinery.pkg.apis.meta.v1.";

/** A node as OpenAPI publishes it. Version 2 has no junctors, nullables or typeless values, so that what it cannot say it leaves open. */
export function publishedSchema(schema: Schema, refPrefix: string, version: 2 | 3): Json {
  const {
    properties,
    items,
    additionalProperties,
    allOf,
    anyOf,
    oneOf,
    not,
    nullable,
    default: initial,
    ...plain
  } = schema;
  delete plain["x-kubernetes-validations"];
  const publish = (node: Schema) => publishedSchema(node, refPrefix, version);
  if (version === 2 && (nullable || isIntOrString(schema))) return openNode(schema);
  if (version === 2 && keepsUnknown(schema) && schema.type !== "object") return openNode(schema);
  const result: Json = { ...plain };
  if (properties) result["properties"] = mapValues(properties, publish);
  if (items) result["items"] = Array.isArray(items) ? items.map(publish) : publish(items);
  if (additionalProperties !== undefined) {
    result["additionalProperties"] =
      typeof additionalProperties === "object" ? publish(additionalProperties) : additionalProperties;
  }
  if (isEmbeddedResource(schema))
    Object.assign(result, { properties: { ...(result["properties"] as Json), ...typeMeta(refPrefix) } });
  if (version === 2) return result;
  if (initial !== undefined) result["default"] = initial;
  if (nullable) result["nullable"] = true;
  for (const [name, parts] of Object.entries({ allOf, anyOf, oneOf })) if (parts) result[name] = parts.map(publish);
  if (not) result["not"] = publish(not);
  return result;
}

/** The definition of a whole kind. */
export function kindDefinition(
  schema: Schema,
  gvk: { readonly group: string; readonly version: string; readonly kind: string },
  refPrefix: string,
  version: 2 | 3,
): Json {
  const body = publishedSchema(schema, refPrefix, version);
  const properties = { ...(body["properties"] as Json | undefined), ...typeMeta(refPrefix) };
  return { ...body, type: "object", properties: sorted(properties), "x-kubernetes-group-version-kind": [gvk] };
}

export function listDefinition(
  name: string,
  gvk: { readonly group: string; readonly version: string; readonly kind: string },
  refPrefix: string,
): Json {
  return {
    description: `${gvk.kind} is a list of ${gvk.kind.replace(/List$/, "")}`,
    type: "object",
    required: ["items"],
    properties: {
      ...typeMeta(refPrefix),
      items: { description: "The objects.", type: "array", items: { $ref: `${refPrefix}${name}` } },
      metadata: { description: "Standard list metadata.", ...reference(refPrefix, "ListMeta") },
    },
    "x-kubernetes-group-version-kind": [gvk],
  };
}

/** `com.example.stable.v1.CronTab`: the group's labels backwards. */
export function customDefinitionName(group: string, version: string, kind: string): string {
  return `${group.split(".").reverse().join(".")}.${version}.${kind}`;
}

function typeMeta(refPrefix: string): Json {
  return {
    apiVersion: { description: "The version of the API that the object is written in.", type: "string" },
    kind: { description: "What the object is.", type: "string" },
    metadata: { description: "Standard object's metadata.", ...reference(refPrefix, "ObjectMeta") },
  };
}

function reference(refPrefix: string, type: string): Json {
  const ref = { $ref: `${refPrefix}${metaPrefix}${type}` };
  return refPrefix.startsWith("#/components") ? { allOf: [ref] } : ref;
}

function openNode({ description }: Schema): Json {
  return { ...(description && { description }), "x-kubernetes-preserve-unknown-fields": true };
}

function mapValues(values: Readonly<Record<string, Schema>>, change: (value: Schema) => Json): Json {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}

function sorted(values: Json): Json {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}
