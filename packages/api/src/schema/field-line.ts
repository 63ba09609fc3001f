import type { FieldSchema, ScalarName, TypeRef } from "@tskube/apimachinery";

/**
 * One field of the compact schema, as it stands in `schema/<group>_<version>.json`:
 *
 *     "replicas": "1 *int32 omit opt min=0 default=1"
 *
 * First the protobuf number (or `-`), then the type, then options. A type is `*` (pointer), `[]`, `map[]` or `~[]` (a list that is a message
 * of its own in protobuf) before a scalar or the name of a struct, with its group version unless it is the same one. `string:Alias` names
 * the Go type of the text, `JSON:Codec` a union with a hand-written codec.
 */
export interface ApiFieldSchema extends FieldSchema {
  /** Qualified Go name of the text's type, or the name of the union. */
  readonly alias?: string;
  /** Not written while zero even where Go writes an empty struct (`omitzero`). */
  readonly omitZero?: boolean;
  readonly optional?: boolean;
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly format?: string;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const scalars = new Set<string>([
  "string",
  "bool",
  "int32",
  "int64",
  "float64",
  "bytes",
  "Time",
  "MicroTime",
  "Duration",
  "Quantity",
  "IntOrString",
  "RawExtension",
  "FieldsV1",
  "JSON",
] satisfies ScalarName[]);

/** Reads one field's line. `groupVersion` qualifies the names that the line leaves bare. */
export function parseFieldLine(name: string, line: string, groupVersion: string): ApiFieldSchema {
  const [number = "-", expression = "", ...words] = line.split(" ");
  const pointer = expression.startsWith("*");
  const { type, alias } = parseType(pointer ? expression.slice(1) : expression, groupVersion);
  const field: Writable<ApiFieldSchema> = { name, type };
  if (number !== "-") field.proto = Number(number);
  if (pointer) field.pointer = true;
  if (alias !== undefined) field.alias = alias;
  for (const word of words) applyWord(field, word);
  // An explicit marker wins over the rest, as in upstream's OpenAPI generator.
  const isRequired = words.includes("req") || (!field.omitEmpty && !field.optional);
  if (isRequired && !field.inline) field.required = true;
  return field;
}

function applyWord(field: Writable<ApiFieldSchema>, word: string): void {
  const equals = word.indexOf("=");
  const key = equals < 0 ? word : word.slice(0, equals);
  const value = word.slice(equals + 1);
  optionReaders[key]?.(field, value);
}

const optionReaders: Record<string, (field: Writable<ApiFieldSchema>, value: string) => void> = {
  inline: (field) => {
    field.inline = true;
  },
  omit: (field) => {
    field.omitEmpty = true;
  },
  zero: (field) => {
    field.omitZero = true;
  },
  opt: (field) => {
    field.optional = true;
  },
  patch: (field, value) => {
    field.patchStrategy = value.split(",") as ("merge" | "replace" | "retainKeys")[];
  },
  key: (field, value) => {
    field.patchMergeKey = value;
  },
  list: (field, value) => {
    field.listType = value as "atomic" | "set" | "map";
  },
  by: (field, value) => {
    field.listMapKeys = value.split(",");
  },
  map: (field, value) => {
    field.mapType = value as "atomic" | "granular";
  },
  struct: (field, value) => {
    field.structType = value as "atomic" | "granular";
  },
  min: (field, value) => {
    field.minimum = Number(value);
  },
  max: (field, value) => {
    field.maximum = Number(value);
  },
  maxItems: (field, value) => {
    field.maxItems = Number(value);
  },
  maxLength: (field, value) => {
    field.maxLength = Number(value);
  },
  format: (field, value) => {
    field.format = value;
  },
  default: (field, value) => {
    field.default = JSON.parse(value);
  },
};

function parseType(expression: string, groupVersion: string): { type: TypeRef; alias?: string } {
  if (expression.startsWith("~[]")) {
    const items = parseType(expression.slice(3), groupVersion);
    return { ...items, type: { is: "list", items: items.type, wrapped: true } };
  }
  if (expression.startsWith("[]")) {
    const items = parseType(expression.slice(2), groupVersion);
    return { ...items, type: { is: "list", items: items.type } };
  }
  if (expression.startsWith("map[]")) {
    const values = parseType(expression.slice(5), groupVersion);
    return { ...values, type: { is: "map", values: values.type } };
  }
  const colon = expression.indexOf(":");
  const base = colon < 0 ? expression : expression.slice(0, colon);
  if (!scalars.has(base)) return { type: { is: "struct", name: qualify(base, groupVersion) } };
  const type: TypeRef = { is: "scalar", scalar: base as ScalarName };
  return colon < 0 ? { type } : { type, alias: qualify(expression.slice(colon + 1), groupVersion) };
}

function qualify(name: string, groupVersion: string): string {
  return name.includes(".") ? name : `${groupVersion}.${name}`;
}
