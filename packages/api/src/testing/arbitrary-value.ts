import type { ScalarName, TypeName, TypeRef } from "@tskube/apimachinery";
import fc from "fast-check";
import { type ApiFieldSchema, schemaOf } from "../schema/index.ts";

type Value = fc.Arbitrary<unknown>;

const second = fc.integer({ min: Date.UTC(1971, 0) / 1000, max: Date.UTC(2200, 0) / 1000 });
const timeOf = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 19);
const rawObject = fc.record({ a: fc.integer(), b: fc.string() });

const scalars: Readonly<Record<ScalarName, Value>> = {
  string: fc.string({ unit: "binary", maxLength: 12 }),
  bool: fc.boolean(),
  int32: fc.integer(),
  int64: fc.maxSafeInteger(),
  float64: fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString("base64")),
  Time: second.map((seconds) => `${timeOf(seconds)}Z`),
  MicroTime: fc
    .tuple(second, fc.integer({ min: 0, max: 999_999 }))
    .map(([seconds, micros]) => `${timeOf(seconds)}.${String(micros).padStart(6, "0")}Z`),
  Duration: fc.constantFrom("0s", "1.5s", "1h30m0s", "-250ms"),
  Quantity: fc.constantFrom("0", "100m", "1500Mi", "3", "-2k", "1e3"),
  IntOrString: fc.oneof(fc.integer(), fc.constantFrom("", "80%", "http")),
  RawExtension: rawObject,
  FieldsV1: rawObject,
  JSON: fc.oneof(rawObject, fc.string(), fc.integer(), fc.boolean(), fc.constant([1, "a"])),
};

/** Objects of a type of the API, without `apiVersion` and `kind`: every field is sometimes there, down to `depth` structs. */
export function arbitraryValue(type: TypeName, depth = 3): fc.Arbitrary<Record<string, unknown>> {
  const own: Record<string, Value> = {};
  const inlined: fc.Arbitrary<Record<string, unknown>>[] = [];
  for (const field of schemaOf(type).fields) {
    if (field.proto === undefined) continue;
    if (field.inline && field.type.is === "struct") inlined.push(arbitraryValue(field.type.name, depth));
    else own[field.name] = arbitraryField(field, depth);
  }
  const record = fc.record(own, { requiredKeys: [] }) as fc.Arbitrary<Record<string, unknown>>;
  return fc.tuple(record, ...inlined).map((parts) => Object.assign({}, ...parts) as Record<string, unknown>);
}

function arbitraryField(field: ApiFieldSchema, depth: number): Value {
  const union = field.type.is === "scalar" && field.type.scalar === "JSON" ? field.alias?.split(".").pop() : undefined;
  return union ? arbitraryUnion(union, depth) : arbitraryRef(field.type, field.alias, depth);
}

function arbitraryUnion(union: string, depth: number): Value {
  const schema = depth <= 0 ? fc.constant({}) : arbitraryValue("apiextensions.k8s.io/v1.JSONSchemaProps", depth - 2);
  if (union === "JSONSchemaPropsOrBool") return fc.oneof(schema, fc.boolean());
  if (union === "JSONSchemaPropsOrArray") return fc.oneof(schema, fc.array(schema, { minLength: 1, maxLength: 2 }));
  return fc.oneof(schema, fc.array(fc.string(), { minLength: 1, maxLength: 2 }));
}

function arbitraryRef(type: TypeRef, alias: string | undefined, depth: number): Value {
  switch (type.is) {
    case "scalar":
      return type.scalar === "JSON" && alias
        ? arbitraryUnion(alias.split(".").pop() ?? "", depth)
        : scalars[type.scalar];
    case "struct":
      return depth <= 0 ? fc.constant({}) : arbitraryValue(type.name, depth - 1);
    case "list":
      return fc.array(arbitraryRef(type.items, alias, depth), { maxLength: 2 });
    case "map":
      return fc.dictionary(fc.string({ maxLength: 5 }), arbitraryRef(type.values, alias, depth), { maxKeys: 3 });
  }
}
