import { schemaOf } from "@tskube/api";
import type { ScalarName, TypeName, TypeRef } from "@tskube/apimachinery";
import { formatDuration, formatMicroTime, formatTime, parseDuration, parseTime } from "@tskube/apimachinery";
import { fieldKey, messageOf } from "./messages.ts";

type Values = Record<string, unknown>;

/** An object's message without envelope, as Go's generated code would write it. */
export function encodeObject(type: TypeName, object: Values): Uint8Array {
  const message = messageOf(type);
  return message.encode(message.create(fieldsFrom(type, object))).finish();
}

/** What a message holds, in the form of JSON and without what nobody set. */
export function decodeObject(type: TypeName, bytes: Uint8Array): Values {
  return fieldsTo(type, messageOf(type).decode(bytes) as unknown as Values);
}

function fieldsFrom(type: TypeName, object: Values): Values {
  const fields: Values = {};
  for (const { name, type: ref, proto, inline } of schemaOf(type).fields) {
    if (proto === undefined) continue;
    const value = inline ? object : object[name];
    if (value !== undefined) fields[fieldKey(proto)] = valueFrom(ref, value);
  }
  return fields;
}

function valueFrom(ref: TypeRef, value: unknown): unknown {
  switch (ref.is) {
    case "struct":
      return fieldsFrom(ref.name, value as Values);
    case "list": {
      const items = (value as unknown[]).map((item) => valueFrom(ref.items, item));
      return ref.wrapped ? { items } : items;
    }
    case "map":
      return Object.fromEntries(
        Object.entries(value as Values).map(([key, item]) => [key, valueFrom(ref.values, item)]),
      );
    default:
      return scalarFrom[ref.scalar]?.(value) ?? value;
  }
}

function fieldsTo(type: TypeName, message: Values): Values {
  const object: Values = {};
  for (const { name, type: ref, proto, inline } of schemaOf(type).fields) {
    const key = fieldKey(proto ?? 0);
    if (!Object.hasOwn(message, key) || message[key] === null) continue;
    const value = valueTo(ref, message[key]);
    if (inline) Object.assign(object, value);
    else object[name] = value;
  }
  return object;
}

function valueTo(ref: TypeRef, value: unknown): unknown {
  switch (ref.is) {
    case "struct":
      return fieldsTo(ref.name, value as Values);
    case "list": {
      const items = ref.wrapped ? ((value as { items?: unknown[] }).items ?? []) : (value as unknown[]);
      return items.map((item) => valueTo(ref.items, item));
    }
    case "map":
      return Object.fromEntries(Object.entries(value as Values).map(([key, item]) => [key, valueTo(ref.values, item)]));
    default:
      return scalarTo[ref.scalar]?.(value as Values) ?? value;
  }
}

type Convert<From, To> = (value: From) => To;

const timeFrom = (value: unknown) => {
  const ms = parseTime(String(value)) ?? 0;
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) };
};
const jsonFrom = (value: unknown) => ({ raw: Buffer.from(JSON.stringify(value)) });

const scalarFrom: Partial<Record<ScalarName, Convert<unknown, unknown>>> = {
  bytes: (value) => Buffer.from(String(value), "base64"),
  Time: timeFrom,
  MicroTime: timeFrom,
  Duration: (value) => ({ duration: Math.round((parseDuration(String(value)) ?? 0) * 1e6) }),
  Quantity: (value) => ({ string: String(value) }),
  IntOrString: (value) =>
    typeof value === "number" ? { type: 0, intVal: value, strVal: "" } : { type: 1, intVal: 0, strVal: String(value) },
  RawExtension: jsonFrom,
  FieldsV1: jsonFrom,
  JSON: jsonFrom,
};

/** 64-bit integers come as objects. */
const numberOf = (value: unknown): number => Number(String(value ?? 0));
const msOf = ({ seconds, nanos }: Values): number => numberOf(seconds) * 1000 + numberOf(nanos) / 1e6;
/** A time that nobody set is a message without fields. */
const isUnset = ({ seconds, nanos }: Values): boolean => numberOf(seconds) === 0 && numberOf(nanos) === 0;
const jsonTo = ({ raw }: Values): unknown => {
  const text = Buffer.from((raw as Uint8Array | undefined) ?? []).toString();
  return text === "" ? {} : JSON.parse(text);
};

const scalarTo: Partial<Record<ScalarName, Convert<Values, unknown>>> = {
  int64: numberOf,
  bytes: (value) => Buffer.from(value as unknown as Uint8Array).toString("base64"),
  Time: (value) => (isUnset(value) ? {} : formatTime(msOf(value))),
  MicroTime: (value) => (isUnset(value) ? {} : formatMicroTime(msOf(value))),
  Duration: ({ duration }) => formatDuration(numberOf(duration) / 1e6),
  Quantity: ({ string }) => string,
  IntOrString: ({ type, intVal, strVal }) => (numberOf(type) === 1 ? strVal : numberOf(intVal)),
  RawExtension: jsonTo,
  FieldsV1: jsonTo,
  JSON: jsonTo,
};

/** Without what is empty: whether a zero is written differs between the encodings, and means nothing. */
export function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutEmpty(item) ?? null);
  if (typeof value !== "object" || value === null) return value || undefined;
  const entries = Object.entries(value).map(([name, item]) => [name, withoutEmpty(item)] as const);
  const kept = entries.filter(([, item]) => item !== undefined && !(Array.isArray(item) && item.length === 0));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
