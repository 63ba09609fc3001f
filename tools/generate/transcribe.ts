import { type FactsIndex, type FieldFacts, type GroupFacts, groupVersionName, type TypeFacts } from "./facts.ts";

/** Go types that are one value in JSON, whatever they are made of inside. */
const scalars: Record<string, string> = {
  bool: "bool",
  string: "string",
  int32: "int32",
  int64: "int64",
  int: "int64",
  float64: "float64",
  interface: "JSON",
  "types.UID": "string:types.UID",
  "types.NodeName": "string:types.NodeName",
  "time.Duration": "int64",
  "resource.Quantity": "Quantity",
  "intstr.IntOrString": "IntOrString",
  "runtime.RawExtension": "RawExtension",
  "meta/v1.Time": "Time",
  "meta/v1.MicroTime": "MicroTime",
  "meta/v1.Duration": "Duration",
  "meta/v1.FieldsV1": "FieldsV1",
  "apiextensions.k8s.io/v1.JSON": "JSON",
  "apiextensions.k8s.io/v1.JSONSchemaPropsOrArray": "JSON:JSONSchemaPropsOrArray",
  "apiextensions.k8s.io/v1.JSONSchemaPropsOrBool": "JSON:JSONSchemaPropsOrBool",
  "apiextensions.k8s.io/v1.JSONSchemaPropsOrStringArray": "JSON:JSONSchemaPropsOrStringArray",
};

/** Types that exist in Go for its own sake and never stand in an object. */
const notTranscribed = new Set(["TypeMeta", "Timestamp", "InternalEvent", "cborMajorType"]);

/** Defaults that the facts give as the name of a Go constant. */
const constants: Record<string, string> = {
  "ref(AzureDataDiskCachingReadWrite)": '"ReadWrite"',
  "ref(AzureSharedBlobDisk)": '"Shared"',
};

/** The text of one group version's schema file. */
export function transcribe(facts: GroupFacts, index: FactsIndex): string {
  const names = [...Object.keys(facts.types), ...Object.keys(facts.proto)];
  const types = [...new Set(names)].sort().flatMap((name) => {
    const type = index.type(groupVersionName(facts), name);
    return type?.fields && !isScalarType(facts, name) ? [typeText(facts, index, name, type)] : [];
  });
  const strings = Object.entries(facts.types)
    .filter(([, type]) => type.alias === "string")
    .map(([name, type]) => stringText(name, type, facts.enums[name] ?? []));
  return [
    "{",
    `"group": ${JSON.stringify(facts.group)},`,
    `"version": ${JSON.stringify(facts.version)},`,
    `"strings": {\n${strings.join(",\n")}\n},`,
    `"types": {\n${types.join(",\n")}\n}`,
    "}\n",
  ].join("\n");
}

function isScalarType(facts: GroupFacts, name: string): boolean {
  return notTranscribed.has(name) || `${groupVersionName(facts)}.${name}` in scalars || name === "Patch";
}

function stringText(name: string, type: TypeFacts, values: string[]): string {
  return `${JSON.stringify(name)}: ${JSON.stringify({ ...(type.enum ? { published: true } : {}), values })}`;
}

function typeText(facts: GroupFacts, index: FactsIndex, name: string, type: TypeFacts): string {
  const fields = type.fields ?? [];
  const isKind = fields.some((field) => field.inline && /(^|\.)TypeMeta$/.test(field.type));
  const head = [
    ...(isKind ? ['"kind": true'] : []),
    ...(type.structType ? [`"structType": ${JSON.stringify(type.structType)}`] : []),
  ];
  const lines = fields.flatMap((field) => {
    const line = fieldLine(facts, index, name, field);
    return line === undefined ? [] : [`  ${JSON.stringify(line.name)}: ${JSON.stringify(line.text)}`];
  });
  const body = lines.length === 0 ? '"fields": {}' : `"fields": {\n${lines.join(",\n")}\n}`;
  return `${JSON.stringify(name)}: {${[...head, body].join(", ")}}`;
}

function fieldLine(facts: GroupFacts, index: FactsIndex, owner: string, field: FieldFacts) {
  if (field.inline && /(^|\.)TypeMeta$/.test(field.type)) return undefined;
  // A table's cells are the one field whose JSON name the facts lack; anything else without one is no field of the API.
  const json = owner === "TableRow" && field.go === "Cells" ? "cells" : field.json;
  if (json === "-" || json === undefined) return undefined;
  const protoName = facts.proto[owner]?.find(([, number]) => number === field.proto)?.[0];
  const name = field.inline ? protoName : json;
  if (!name) throw new Error(`${owner}.${field.go} has no name`);
  const words = [field.proto ?? "-", typeExpression(facts, index, field.type), ...options(field)];
  return { name, text: words.join(" ") };
}

function options(field: FieldFacts): string[] {
  const words: string[] = [];
  const flag = (word: string, on: boolean | undefined) => on && words.push(word);
  const value = (word: string, given: string | undefined) => given !== undefined && words.push(`${word}=${given}`);
  flag("inline", field.inline);
  flag("omit", field.omitempty);
  flag("zero", field.omitzero);
  flag("opt", field.optional);
  flag("req", field.required);
  value("patch", field.patchStrategy);
  value("key", field.patchMergeKey);
  value("list", field.listType);
  value("by", field.listType === "map" ? field.listMapKeys?.join(",") : undefined);
  value("map", field.mapType);
  value("struct", field.structType);
  value("min", field.minimum);
  value("max", field.maximum);
  value("maxItems", field.maxItems);
  value("maxLength", field.maxLength);
  value("format", field.format);
  value("default", field.default === undefined ? undefined : (constants[field.default] ?? field.default));
  return words;
}

/** Go's `*[]v1.Container` in our words: `*`, `[]` and `map[]` before a scalar, `string:` alias or qualified type name. */
function typeExpression(facts: GroupFacts, index: FactsIndex, goType: string): string {
  if (goType.startsWith("*")) return `*${typeExpression(facts, index, goType.slice(1))}`;
  if (goType === "[]byte") return "bytes";
  if (goType.startsWith("[]")) return `[]${typeExpression(facts, index, goType.slice(2))}`;
  const map = /^map\[[^\]]+\](.+)$/.exec(goType);
  if (map?.[1]) return `map[]${typeExpression(facts, index, map[1])}`;
  return scalars[goType] ?? namedType(facts, index, goType);
}

function namedType(facts: GroupFacts, index: FactsIndex, goName: string): string {
  const { groupVersion, name } = index.resolve(facts, goName);
  const scalar = scalars[`${groupVersion}.${name}`];
  if (scalar) return scalar;
  const type = index.type(groupVersion, name);
  if (!type) throw new Error(`${groupVersionName(facts)}: no type ${goName}`);
  const qualified = groupVersion === groupVersionName(facts) ? name : `${groupVersion}.${name}`;
  if (type.alias === undefined) return qualified;
  if (type.alias === "string") return `string:${qualified}`;
  const expression = typeExpression(index.group(groupVersion), index, type.alias);
  // Such lists are messages of their own in protobuf.
  return goName.endsWith("Verbs") || goName.endsWith("ExtraValue") ? `~${expression}` : expression;
}
