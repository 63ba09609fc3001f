import type { GroupVersionKind, ScalarName, TypeName, TypeRef } from "@tskube/apimachinery";
import { allFields } from "../codec/go-shape.ts";
import { resources } from "../resources/index.ts";
import { type ApiFieldSchema, gvkOfType, schemaOf } from "../schema/index.ts";
import { type Descriptions, fieldDescription } from "./descriptions.ts";
import { definitionName, scalarDefinitions } from "./names.ts";

export type Json = Record<string, unknown>;

/** What differs between the two generations of the format. */
export interface Dialect {
  readonly version: 2 | 3;
  /** `#/definitions/` or `#/components/schemas/`. */
  readonly refPrefix: string;
  readonly descriptions: Descriptions;
}

/** Builds definitions and remembers which others they refer to, until all that can be reached are built. */
export class Definitions {
  readonly #built: Json = {};
  readonly #waiting: TypeName[] = [];
  readonly #known = new Set<string>();
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** A reference to a type, which makes its definition part of the document. */
  ref(type: TypeName): Json {
    const name = definitionName(type);
    if (!this.#known.has(name)) {
      this.#known.add(name);
      this.#waiting.push(type);
    }
    return { $ref: this.#dialect.refPrefix + name };
  }

  /** Everything referred to so far and what that refers to, by name. */
  all(): Json {
    for (let type = this.#waiting.pop(); type !== undefined; type = this.#waiting.pop()) {
      this.#built[definitionName(type)] = this.#struct(type);
    }
    return Object.fromEntries(Object.entries(this.#built).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #struct(type: TypeName): Json {
    const schema = schemaOf(type);
    const fields = [...allFields(schema)].sort((a, b) => (a.name < b.name ? -1 : 1));
    const required = fields.filter((field) => field.required).map(({ name }) => name);
    const kinds = kindsOf(type);
    const description = this.#dialect.descriptions[type]?.[""];
    return {
      ...(description ? { description } : {}),
      type: "object",
      ...(required.length > 0 ? { required } : {}),
      ...(fields.length > 0
        ? { properties: Object.fromEntries(fields.map((field) => this.#property(type, field))) }
        : {}),
      ...(kinds.length > 0 ? { "x-kubernetes-group-version-kind": kinds } : {}),
      ...(schema.structType ? { "x-kubernetes-map-type": schema.structType } : {}),
    };
  }

  #property(owner: TypeName, field: ApiFieldSchema): [string, Json] {
    const description = this.#describe(owner, field);
    const own: Json = {
      ...(description ? { description } : {}),
      ...this.#defaultOf(field),
      ...(field.enum && field.type.is === "scalar" ? { enum: [...field.enum].sort() } : {}),
      ...extensionsOf(field),
    };
    return [field.name, this.#with(this.#type(field.type, field.alias), own)];
  }

  /** The library that the texts come from drops those beside references; the text of what is referred to is the next best. */
  #describe(owner: TypeName, { name, type }: ApiFieldSchema): string | undefined {
    const { descriptions } = this.#dialect;
    return (
      fieldDescription(descriptions, owner, name) ?? (type.is === "struct" ? descriptions[type.name]?.[""] : undefined)
    );
  }

  /** Adds to a schema; beside a reference nothing may stand in version 3, and all is ignored but description in version 2. */
  #with(schema: Json, more: Json): Json {
    if (Object.keys(more).length === 0) return schema;
    if (this.#dialect.version === 3 && "$ref" in schema) return { allOf: [schema], ...more };
    return { ...schema, ...more };
  }

  #type(type: TypeRef, alias: string | undefined): Json {
    switch (type.is) {
      case "struct":
        return this.ref(type.name);
      case "scalar":
        return this.#scalar(type.scalar, alias);
      case "list":
        return { type: "array", items: this.#element(type.items, alias) };
      case "map":
        return { type: "object", additionalProperties: this.#element(type.values, alias) };
    }
  }

  #element(type: TypeRef, alias: string | undefined): Json {
    const zero = this.#dialect.version === 3 ? elementDefault(type) : undefined;
    return this.#with(this.#type(type, alias), zero === undefined ? {} : { default: zero });
  }

  #defaultOf({ type, pointer, omitEmpty, default: initial }: ApiFieldSchema): Json {
    if (this.#dialect.version === 2) return {};
    if (initial !== undefined) return { default: initial };
    if (pointer) return {};
    const zero = elementDefault(type);
    return zero === undefined || (omitEmpty && type.is === "scalar" && !(type.scalar in scalarDefinitions))
      ? {}
      : { default: zero };
  }

  #scalar(scalar: ScalarName, alias: string | undefined): Json {
    const plain = plainScalars[scalar];
    if (plain) return plain;
    const name = scalar === "JSON" && alias ? definitionName(alias) : (scalarDefinitions[scalar] ?? "");
    this.#built[name] ??= scalarDefinition(scalar, alias, this.#dialect.version);
    return { $ref: this.#dialect.refPrefix + name };
  }
}

const plainScalars: Readonly<Partial<Record<ScalarName, Json>>> = {
  string: { type: "string" },
  bool: { type: "boolean" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  float64: { type: "number", format: "double" },
  bytes: { type: "string", format: "byte" },
};

function scalarDefinition(scalar: ScalarName, alias: string | undefined, version: 2 | 3): Json {
  switch (scalar) {
    case "Time":
    case "MicroTime":
      return { type: "string", format: "date-time" };
    case "Duration":
      return { type: "string" };
    case "Quantity":
      return version === 2 ? { type: "string" } : { oneOf: [{ type: "string" }, { type: "number" }] };
    case "IntOrString":
      return version === 2
        ? { type: "string", format: "int-or-string" }
        : { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] };
    case "RawExtension":
    case "FieldsV1":
      return { type: "object" };
    default:
      return { description: alias ? "A schema, or what may stand in its place." : "Any JSON value." };
  }
}

/** What stands where nothing was said, for values that Go always has. */
function elementDefault(type: TypeRef): unknown {
  if (type.is === "struct") return {};
  if (type.is !== "scalar") return undefined;
  switch (type.scalar) {
    case "string":
      return "";
    case "bool":
      return false;
    case "int32":
    case "int64":
    case "float64":
      return 0;
    default:
      return undefined;
  }
}

function extensionsOf(field: ApiFieldSchema): Json {
  const mapType = field.mapType ?? field.structType;
  return {
    ...(field.format ? { format: field.format } : {}),
    ...(field.minimum === undefined ? {} : { minimum: field.minimum }),
    ...(field.maximum === undefined ? {} : { maximum: field.maximum }),
    ...(field.listMapKeys ? { "x-kubernetes-list-map-keys": field.listMapKeys } : {}),
    ...(field.listType ? { "x-kubernetes-list-type": field.listType } : {}),
    ...(mapType ? { "x-kubernetes-map-type": mapType } : {}),
    ...(field.patchMergeKey ? { "x-kubernetes-patch-merge-key": field.patchMergeKey } : {}),
    ...(field.patchStrategy ? { "x-kubernetes-patch-strategy": field.patchStrategy.join(",") } : {}),
  };
}

/** Kinds that every group version has for itself. */
const everywhere: ReadonlySet<TypeName> = new Set(["meta/v1.DeleteOptions", "meta/v1.WatchEvent"]);

function kindsOf(type: TypeName): GroupVersionKind[] {
  if (everywhere.has(type)) {
    const kind = type.slice(type.lastIndexOf(".") + 1);
    const served = resources.groups.flatMap((group) => group.versions);
    return served.map(({ group, version }) => ({ group, kind, version }));
  }
  const gvk = gvkOfType(type);
  return gvk ? [{ group: gvk.group, kind: gvk.kind, version: gvk.version }] : [];
}
