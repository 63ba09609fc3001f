/** How Go writes a struct in JSON: what is present though nobody set it, and what is left out though somebody did. */
import type { ScalarName, TypeName, TypeRef } from "@tskube/apimachinery";
import { type ApiFieldSchema, type ApiTypeSchema, schemaOf } from "../schema/index.ts";

export type JsonObject = Record<string, unknown>;

/** The fields as they stand in JSON: an inlined struct's are the outer one's. */
export function allFields(schema: ApiTypeSchema): ApiFieldSchema[] {
  return schema.fields.flatMap((field) =>
    field.inline && field.type.is === "struct" ? allFields(schemaOf(field.type.name)) : [field],
  );
}

/** Whether the field disappears when its value is empty. */
export function omitsEmpty({ omitEmpty, pointer, type }: ApiFieldSchema): boolean {
  return omitEmpty === true && pointer !== true && type.is !== "struct" && !isGoStruct(type);
}

export function isEmpty(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return !value;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
}

/** Makes what Go writes for a field that nobody set; absent where it writes nothing. */
export function zeroOf({ type, pointer, omitEmpty, omitZero }: ApiFieldSchema): (() => unknown) | undefined {
  if (pointer || omitZero) return undefined;
  if (omitEmpty && type.is !== "struct" && !isGoStruct(type)) return undefined;
  if (type.is === "struct") return () => zeroStruct(type.name);
  if (type.is === "list") return () => [];
  if (type.is === "map") return () => ({});
  const zero = scalarZero(type.scalar);
  return zero === undefined ? undefined : () => zero;
}

const zeroMakers = new Map<TypeName, readonly { readonly name: string; readonly zero: () => unknown }[]>();

/** A struct that nobody set, with the fields that Go writes even then. */
export function zeroStruct(type: TypeName): JsonObject {
  let makers = zeroMakers.get(type);
  if (makers === undefined) {
    makers = allFields(schemaOf(type)).flatMap((field) => {
      const zero = zeroOf(field);
      return zero ? [{ name: field.name, zero }] : [];
    });
    zeroMakers.set(type, makers);
  }
  const result: JsonObject = {};
  for (const { name, zero } of makers) result[name] = zero();
  return result;
}

/** What stands for null among the items of a list or the values of a map. */
export function elementZero(type: TypeRef): unknown {
  if (type.is === "struct") return zeroStruct(type.name);
  if (type.is === "scalar") return type.scalar === "bytes" ? "" : (scalarZero(type.scalar) ?? null);
  return type.is === "list" ? [] : {};
}

const goStructs: ReadonlySet<ScalarName> = new Set(["Quantity", "IntOrString", "Duration", "Time", "MicroTime"]);

/** Scalars that Go holds in a struct, which `omitempty` never leaves out. */
function isGoStruct(type: TypeRef): boolean {
  return type.is === "scalar" && goStructs.has(type.scalar);
}

/** What Go writes for a scalar that nobody set; undefined for those that it never holds by value. */
function scalarZero(scalar: ScalarName): unknown {
  switch (scalar) {
    case "string":
      return "";
    case "bool":
      return false;
    case "int32":
    case "int64":
    case "float64":
    case "IntOrString":
      return 0;
    case "Quantity":
      return "0";
    case "Duration":
      return "0s";
    case "Time":
    case "MicroTime":
      return null;
    default:
      return undefined;
  }
}
