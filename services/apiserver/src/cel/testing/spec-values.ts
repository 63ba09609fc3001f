import { namedTypes } from "../checker/named-types.ts";
import * as t from "../types.ts";
import { ArrayList, EntryMap, mapKey, TypeValue, Uint, type Value } from "../values/index.ts";

/** The specification speaks of something that there is only in protobuf. */
export class Unsupported extends Error {}

type Json = Readonly<Record<string, unknown>>;

/** A value as the specification's tests write it (`{ int64Value: "1" }`). */
export function readValue(written: object): Value {
  const [[kind, value] = ["", undefined]] = Object.entries(written as Json);
  switch (kind) {
    case "nullValue":
      return null;
    case "boolValue":
    case "stringValue":
      return value as boolean | string;
    case "int64Value":
      return BigInt(value as string);
    case "uint64Value":
      return new Uint(BigInt(value as string));
    case "doubleValue":
      return Number(value);
    case "bytesValue":
      return Buffer.from(value as string, "base64");
    case "listValue":
      return new ArrayList(((value as { values?: object[] }).values ?? []).map(readValue));
    case "mapValue":
      return readMap((value as { entries?: { key: object; value: object }[] }).entries ?? []);
    case "typeValue":
      return new TypeValue(namedTypes[value as string] ?? unsupported(value));
    default:
      return unsupported(kind);
  }
}

function readMap(entries: readonly { readonly key: object; readonly value: object }[]): EntryMap {
  return new EntryMap(new Map(entries.map(({ key, value }) => [mapKey(readValue(key)), readValue(value)])));
}

const primitives: Readonly<Record<string, t.Type>> = {
  BOOL: t.BOOL,
  BYTES: t.BYTES,
  DOUBLE: t.DOUBLE,
  INT64: t.INT,
  STRING: t.STRING,
  UINT64: t.UINT,
};

/** A type as the specification's tests write it. */
export function readType(written: unknown): t.Type {
  const {
    primitive,
    dyn,
    listType,
    mapType,
    null: isNull,
  } = (written ?? {}) as Readonly<Record<string, Json | string>>;
  if (typeof primitive === "string") return primitives[primitive] ?? unsupported(primitive);
  if (dyn) return t.DYN;
  if (isNull !== undefined) return t.NULL;
  if (typeof listType === "object") return t.listOf(readType(listType.elemType));
  if (typeof mapType === "object") return t.mapOf(readType(mapType.keyType), readType(mapType.valueType));
  return unsupported(JSON.stringify(written));
}

function unsupported(what: unknown): never {
  throw new Unsupported(String(what));
}
