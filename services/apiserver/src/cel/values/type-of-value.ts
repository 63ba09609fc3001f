import * as t from "../types.ts";
import { Duration, ListValue, MapValue, Opaque, Optional, Timestamp, TypeValue, Uint, type Value } from "./value.ts";

const anyList = t.listOf(t.DYN);
const anyMap = t.mapOf(t.DYN, t.DYN);
const anyOptional = t.optionalOf(t.DYN);
const anyType = t.typeOf(t.DYN);

/** The type that a value has when the expression runs; elements of lists and maps are of any. */
export function typeOfValue(value: Value): t.Type {
  switch (typeof value) {
    case "string":
      return t.STRING;
    case "bigint":
      return t.INT;
    case "number":
      return t.DOUBLE;
    case "boolean":
      return t.BOOL;
  }
  if (value === null) return t.NULL;
  if (value instanceof ListValue) return anyList;
  if (value instanceof MapValue) return anyMap;
  if (value instanceof Opaque) return value.type;
  if (value instanceof Optional) return anyOptional;
  if (value instanceof Timestamp) return t.TIMESTAMP;
  if (value instanceof Duration) return t.DURATION;
  if (value instanceof Uint) return t.UINT;
  return value instanceof TypeValue ? anyType : t.BYTES;
}

/** Whether a value can be given to a function for a parameter of `type`. */
export function isOfType(value: Value, type: t.Type): boolean {
  switch (type.kind) {
    case "dyn":
    case "parameter":
      return true;
    case "object":
      return value instanceof MapValue;
    case "opaque": {
      if (value instanceof Optional) return type.name === "optional_type";
      return value instanceof Opaque && t.typeName(value.type) === type.name;
    }
    default:
      return typeOfValue(value).kind === type.kind;
  }
}
