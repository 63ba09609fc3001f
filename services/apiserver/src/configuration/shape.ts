import { parseDuration } from "@tskube/apimachinery";

/** Where reading has come to, and what was found wrong on the way. */
export interface Reading {
  readonly problems: string[];
}

/** How one value of a configuration file is read. An absent value reads as Go's zero value, so that validation sees what upstream's sees. */
export type Shape<T> = (value: unknown, at: string, reading: Reading) => T;

export type ShapeOf<S> = S extends Shape<infer T> ? T : never;

/** An object's shapes by field; a field that is none of them is a problem. */
export type Fields = Readonly<Record<string, Shape<unknown>>>;

export type ObjectOf<F extends Fields> = { readonly [K in keyof F]: ShapeOf<F[K]> };

export const text: Shape<string> = (value, at, reading) => read(value, at, reading, "string", "");

export const boolean: Shape<boolean> = (value, at, reading) => read(value, at, reading, "boolean", false);

export const integer: Shape<number> = (value, at, reading) => {
  const number = read(value, at, reading, "number", 0);
  if (!Number.isInteger(number)) reading.problems.push(`${at}: cannot read number ${number} as a whole number`);
  return number;
};

/** Milliseconds of a duration as Go writes it. */
export const durationMs: Shape<number> = (value, at, reading) => {
  const written = text(value, at, reading);
  const ms = written === "" ? 0 : parseDuration(written);
  if (ms === undefined) reading.problems.push(`${at}: time: invalid duration ${JSON.stringify(written)}`);
  return ms ?? 0;
};

/** Tells what is absent from what is there and empty. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value, at, reading) => (value === undefined || value === null ? undefined : shape(value, at, reading));
}

export function listOf<T>(shape: Shape<T>): Shape<readonly T[]> {
  return (value, at, reading) => {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value.map((item, index) => shape(item, `${at}[${index}]`, reading));
    reading.problems.push(`${at}: cannot read ${kindOf(value)} as a list`);
    return [];
  };
}

export function objectOf<F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  const known = new Map(Object.entries(fields));
  return (value, at, reading) => {
    const source = recordAt(value, at, reading);
    for (const name of Object.keys(source)) {
      if (!known.has(name)) reading.problems.push(`unknown field ${JSON.stringify(below(at, name))}`);
    }
    const entries = [...known].map(([name, shape]) => [name, shape(ownValue(source, name), below(at, name), reading)]);
    return Object.fromEntries(entries) as ObjectOf<F>;
  };
}

function recordAt(value: unknown, at: string, reading: Reading): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  reading.problems.push(`${at || "document"}: cannot read ${kindOf(value)} as an object`);
  return {};
}

function ownValue(source: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(source, name) ? source[name] : undefined;
}

function read<T>(value: unknown, at: string, reading: Reading, type: string, absent: T): T {
  if (value === undefined || value === null) return absent;
  if (typeof value === type) return value as T;
  reading.problems.push(`${at}: cannot read ${kindOf(value)} as a ${type}`);
  return absent;
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}

function below(at: string, name: string): string {
  return at === "" ? name : `${at}.${name}`;
}
