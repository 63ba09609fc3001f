import * as t from "../types.ts";
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from "./times.ts";
import { Duration, ListValue, MapValue, Opaque, Optional, Timestamp, Uint, type Value } from "./value.ts";

/**
 * JSON as expressions see it. Nothing is copied: elements are looked at when an expression does. `type` decides what numbers and texts are; where it is
 * `dyn`, whole numbers are integers.
 */
export function fromJson(value: unknown, type: t.Type = t.DYN): Value {
  switch (typeof value) {
    case "string":
      return text(value, type);
    case "number":
      return type.kind === "double" || !Number.isInteger(value) ? value : BigInt(value);
    case "boolean":
      return value;
  }
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return new JsonList(value, type);
  if (type.kind === "object") return new JsonObject(value as JsonMap, type.fields());
  return new JsonMapValue(value as JsonMap, type.kind === "map" ? type.value : t.DYN);
}

type JsonMap = Readonly<Record<string, unknown>>;

function text(value: string, type: t.Type): Value {
  switch (type.kind) {
    case "timestamp":
      return parseTimestamp(value) ?? value;
    case "duration":
      return parseDuration(value) ?? value;
    case "bytes":
      return Buffer.from(value, "base64");
    default:
      return value;
  }
}

class JsonList extends ListValue {
  readonly #items: readonly unknown[];
  readonly #type: t.Type;
  readonly #keyedBy: t.ListKeys | undefined;

  constructor(items: readonly unknown[], type: t.Type) {
    super();
    this.#items = items;
    this.#type = type.kind === "list" ? type.item : t.DYN;
    this.#keyedBy = type.kind === "list" ? type.keyedBy : undefined;
  }

  override get keyedBy(): t.ListKeys | undefined {
    return this.#keyedBy;
  }

  get size(): number {
    return this.#items.length;
  }

  at(index: number): Value {
    return fromJson(this.#items[index], this.#type);
  }
}

/** An object whose fields are data; fields that are `undefined` are not there. */
class JsonMapValue extends MapValue {
  readonly #object: JsonMap;
  readonly #type: t.Type;

  constructor(object: JsonMap, type: t.Type) {
    super();
    this.#object = object;
    this.#type = type;
  }

  get size(): number {
    return this.keys().length;
  }

  get(key: Value): Value | undefined {
    if (typeof key !== "string" || !Object.hasOwn(this.#object, key)) return undefined;
    const value = this.#object[key];
    return value === undefined ? undefined : fromJson(value, this.#type);
  }

  keys(): string[] {
    return Object.keys(this.#object).filter((key) => this.#object[key] !== undefined);
  }
}

/** An object of known fields, under the names that expressions have for them. */
class JsonObject extends MapValue {
  readonly #object: JsonMap;
  readonly #fields: ReadonlyMap<string, t.Field>;

  constructor(object: JsonMap, fields: ReadonlyMap<string, t.Field>) {
    super();
    this.#object = object;
    this.#fields = fields;
  }

  get size(): number {
    return this.keys().length;
  }

  get(key: Value): Value | undefined {
    const field = typeof key === "string" ? this.#fields.get(key) : undefined;
    if (!field || !Object.hasOwn(this.#object, field.json)) return undefined;
    const value = this.#object[field.json];
    return value === undefined ? undefined : fromJson(value, field.type);
  }

  keys(): string[] {
    return [...this.#fields].filter(([, { json }]) => this.#object[json] !== undefined).map(([name]) => name);
  }
}

/** The way back: what an expression made, as JSON. Integers beyond what JSON numbers hold lose their lowest digits. */
export function toJson(value: Value): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value === null || typeof value !== "object") return value;
  if (value instanceof ListValue) return Array.from(value, toJson);
  if (value instanceof MapValue) {
    const entries = Array.from(value.keys(), (key) => [String(toJson(key)), toJson(value.get(key) ?? null)] as const);
    return Object.fromEntries(entries);
  }
  if (value instanceof Uint) return Number(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof Optional) return value.value === undefined ? null : toJson(value.value);
  return value instanceof Opaque ? value.key : undefined;
}
