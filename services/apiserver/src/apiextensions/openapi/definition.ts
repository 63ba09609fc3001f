import { isEmbeddedResource, keepsUnknown, type Schema } from "../schema/structure.ts";
import { type Json, nodeV2, nodeV3 } from "./published-schema.ts";

const metaPrefix = "io.k8s.apimachinery.pkg.apis.meta.v1.";
/** Any kind that every document has, whose texts of the fields that all kinds share are taken over. */
const anyKind = "io.k8s.api.coordination.v1.Lease";

/** A generation of the format, as definitions are written in it. */
export interface Dialect {
  readonly version: 2 | 3;
  readonly refPrefix: string;
  /** What the fields that all kinds share are said to be. */
  readonly texts: SharedTexts;
}

export interface SharedTexts {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Reads the texts of the shared fields from a document's own definitions. */
export function sharedTexts(definitions: Json): SharedTexts {
  const known = (definitions[anyKind] as { properties?: Record<string, { description?: string }> } | undefined)
    ?.properties;
  return {
    apiVersion:
      known?.["apiVersion"]?.description ?? "APIVersion defines the version of the API that the object is in.",
    kind: known?.["kind"]?.description ?? "Kind is the type of the object, in camel case.",
  };
}

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** The definition of a whole kind. */
export function kindDefinition(schema: Schema, gvk: Kind, dialect: Dialect): Json {
  const kinds = { "x-kubernetes-group-version-kind": [gvk] };
  // Version 2 has no way to allow more than is listed: whatever is said of the fields would forbid the others.
  if (dialect.version === 2 && keepsUnknown(schema)) return { type: "object", ...kinds };
  const body = published(schema, dialect);
  const properties = { ...(body["properties"] as Json | undefined), ...typeMeta(dialect) };
  return { ...body, type: "object", properties: sorted(properties), ...kinds };
}

export function listDefinition(name: string, gvk: Kind, dialect: Dialect): Json {
  return {
    description: `${gvk.kind} is a list of ${gvk.kind.replace(/List$/, "")}`,
    type: "object",
    required: ["items"],
    properties: {
      ...typeMeta(dialect),
      items: { description: "The objects.", type: "array", items: { $ref: `${dialect.refPrefix}${name}` } },
      metadata: reference(dialect, "ListMeta", "Standard list metadata."),
    },
    "x-kubernetes-group-version-kind": [gvk],
  };
}

/** `com.example.stable.v1.CronTab`: the group's labels backwards. */
export function customDefinitionName(group: string, version: string, kind: string): string {
  return `${group.split(".").reverse().join(".")}.${version}.${kind}`;
}

function published(schema: Schema, dialect: Dialect): Json {
  const node = (dialect.version === 2 ? nodeV2 : nodeV3)(schema, (child) => published(child, dialect));
  if (!isEmbeddedResource(schema) || (dialect.version === 2 && keepsUnknown(schema))) return node;
  return { ...node, properties: { ...(node["properties"] as Json | undefined), ...typeMeta(dialect) } };
}

function typeMeta(dialect: Dialect): Json {
  return {
    apiVersion: { description: dialect.texts.apiVersion, type: "string" },
    kind: { description: dialect.texts.kind, type: "string" },
    metadata: reference(dialect, "ObjectMeta", "Standard object's metadata."),
  };
}

function reference({ version, refPrefix }: Dialect, type: string, description: string): Json {
  const ref = { $ref: `${refPrefix}${metaPrefix}${type}` };
  return version === 3 ? { description, allOf: [ref] } : { description, ...ref };
}

function sorted(values: Json): Json {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}
