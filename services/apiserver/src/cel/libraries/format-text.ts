import {
  Duration,
  EvaluationError,
  formatDuration,
  formatTimestamp,
  ListValue,
  MapValue,
  Opaque,
  Timestamp,
  TypeValue,
  Uint,
  type Value,
} from "../values/index.ts";
import { doubleText } from "./conversions.ts";

/** `"%s is %d".format([name, number])`: the clauses are s, d, f, e, b, x, X and o, with a precision for f and e. */
export function formatText(form: string, args: ListValue): string {
  let next = 0;
  return form.replace(/%(?:(%)|(?:\.(\d+))?(.)?)/gs, (_all, percent?: string, precision?: string, clause?: string) => {
    if (percent) return "%";
    if (clause === undefined) throw new EvaluationError("unexpected end of string");
    if (next >= args.size) throw new EvaluationError(`index ${next} out of range`);
    const value = args.at(next++);
    const write = clauses[clause];
    if (!write)
      throw new EvaluationError(`could not parse formatting clause: unrecognized formatting clause "${clause}"`);
    return write(value, precision === undefined ? undefined : Number(precision));
  });
}

type Write = (value: Value, precision: number | undefined) => string;

function wrong(clause: string, allowed: string): never {
  throw new EvaluationError(`error during formatting: ${clause} clause can only be used on ${allowed}`);
}

const integer = (value: Value): bigint | undefined =>
  value instanceof Uint ? value.value : typeof value === "bigint" ? value : undefined;

function decimal(value: Value): string {
  const whole = integer(value);
  if (whole !== undefined) return String(whole);
  return typeof value === "number" && !Number.isFinite(value) ? special(value) : wrong("decimal", "integers");
}

function special(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}

function fixed(value: Value, precision = 6): string {
  const number = typeof value === "number" ? value : Number(integer(value) ?? wrong("fixed-point", "doubles"));
  return Number.isFinite(number) ? roundedToEven(number, precision) : special(number);
}

/** As Go rounds: what lies exactly between two numbers goes to the even one. */
function roundedToEven(number: number, precision: number): string {
  const scale = 10 ** precision;
  const scaled = Math.abs(number) * scale;
  const isTie = scaled % 1 === 0.5 && scaled / scale === Math.abs(number);
  if (!isTie) return number.toFixed(precision);
  const whole = Math.floor(scaled);
  const even = whole % 2 === 0 ? whole : whole + 1;
  return `${number < 0 ? "-" : ""}${(even / scale).toFixed(precision)}`;
}

function scientific(value: Value, precision = 6): string {
  const number = typeof value === "number" ? value : Number(integer(value) ?? wrong("scientific", "doubles"));
  if (!Number.isFinite(number)) return special(number);
  return number.toExponential(precision).replace(/e([+-])(\d)$/, "e$10$2");
}

function binary(value: Value): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  return (integer(value) ?? wrong("binary", "integers and bools")).toString(2);
}

function hex(value: Value): string {
  if (typeof value === "string") return Buffer.from(value).toString("hex");
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return (integer(value) ?? wrong("hex", "integers, byte buffers, and strings")).toString(16);
}

const octal = (value: Value) => (integer(value) ?? wrong("octal", "integers")).toString(8);

function shown(value: Value): string {
  if (value === null) return "null";
  if (typeof value === "number") return Number.isFinite(value) ? doubleText(value) : special(value);
  if (typeof value !== "object") return String(value);
  if (value instanceof ListValue) return `[${Array.from(value, shown).join(", ")}]`;
  if (value instanceof MapValue) {
    const entries = Array.from(value.keys(), (key) => `${shown(key)}: ${shown(value.get(key) ?? null)}`);
    return `{${entries.sort().join(", ")}}`;
  }
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  return value instanceof TypeValue || value instanceof Opaque
    ? value.key
    : wrong("string", "strings, bools and numbers");
}

const clauses: Readonly<Record<string, Write>> = {
  s: shown,
  d: decimal,
  f: fixed,
  e: scientific,
  b: binary,
  x: hex,
  X: (value) => hex(value).toUpperCase(),
  o: octal,
};
