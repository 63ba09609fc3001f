import {
  canonicalQuantity,
  formatDuration,
  formatMicroTime,
  formatTime,
  goQuote,
  parseDuration,
  parseTime,
  type ScalarName,
} from "@tskube/apimachinery";
import type { DecodeContext } from "./context.ts";
import { DecodeError } from "./errors.ts";

/** Checks a value that is neither null nor absent and returns its canonical form. */
export type Reader = (value: unknown, context: DecodeContext) => unknown;

/** The reader of a scalar. `goType` is the name errors call it by. */
export function scalarReader(scalar: ScalarName, goType: string): Reader {
  switch (scalar) {
    case "string":
      return typed("string", goType);
    case "bool":
      return typed("boolean", goType);
    case "float64":
      return readFloat;
    case "int32":
      return integer(-(2 ** 31), 2 ** 31 - 1, goType);
    case "int64":
      return integer(-(2 ** 63), 2 ** 63, goType);
    case "bytes":
      return readBytes;
    case "Time":
      return readTime;
    case "MicroTime":
      return readMicroTime;
    case "Duration":
      return readDuration;
    case "Quantity":
      return readQuantity;
    case "IntOrString":
      return readIntOrString;
    case "FieldsV1":
    case "RawExtension":
    case "JSON":
      return (value) => value;
  }
}

function typed(type: "string" | "boolean", goType: string): Reader {
  return (value, context) => {
    if (typeof value !== type) throw context.mismatch(value, goType);
    return value;
  };
}

/** JSON can write numbers that no float holds. */
const readFloat: Reader = (value, context) => {
  if (typeof value !== "number") throw context.mismatch(value, "float64");
  if (!Number.isFinite(value)) throw context.numberMismatch(value, "float64");
  return value;
};

function integer(minimum: number, maximum: number, goType: string): Reader {
  return (value, context) => {
    if (typeof value !== "number") throw context.mismatch(value, goType);
    if (!Number.isInteger(value) || value < minimum || value > maximum) throw context.numberMismatch(value, goType);
    return value;
  };
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const readBytes: Reader = (value, context) => {
  if (typeof value !== "string") throw context.mismatch(value, "[]uint8");
  if (base64.test(value)) return value;
  const joined = value.replace(/[\r\n]/g, "");
  if (base64.test(joined)) return joined;
  const firstBad = joined.search(/[^A-Za-z0-9+/]/);
  throw new DecodeError(`illegal base64 data at input byte ${firstBad < 0 ? joined.length : firstBad}`);
};

// Days past the 28th take the slow way, which knows the months.
const canonicalTime = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const timeLayout = '"2006-01-02T15:04:05Z07:00"';
const microTimeLayout = '"2006-01-02T15:04:05.000000Z07:00"';

const readTime: Reader = (value, context) => {
  if (typeof value === "string" && canonicalTime.test(value)) return value;
  return formatTime(milliseconds(value, context, timeLayout));
};

const readMicroTime: Reader = (value, context) => formatMicroTime(milliseconds(value, context, microTimeLayout));

function milliseconds(value: unknown, context: DecodeContext, layout: string): number {
  if (typeof value !== "string") throw context.mismatch(value, "string");
  const ms = parseTime(value);
  if (ms !== undefined) return ms;
  throw new DecodeError(`parsing time ${goQuote(value)} as ${layout}: cannot parse ${goQuote(value)} as "2006"`);
}

const readDuration: Reader = (value, context) => {
  if (typeof value !== "string") throw context.mismatch(value, "string");
  const ms = parseDuration(value);
  if (ms === undefined) throw new DecodeError(`time: invalid duration ${goQuote(value)}`);
  return formatDuration(ms);
};

/** Canonical forms by what was written: clusters use few different quantities, and parsing one costs a microsecond. */
const knownQuantities = new Map<string, string>();
const maxKnownQuantities = 4096;

const readQuantity: Reader = (value) => canonicalQuantityOf(value);

/** The canonical text of a quantity, which JSON may also give as a number. Throws `DecodeError`. */
export function canonicalQuantityOf(value: unknown): string {
  const text = typeof value === "string" ? value.trim() : JSON.stringify(value);
  const known = knownQuantities.get(text);
  if (known !== undefined) return known;
  const canonical = toCanonicalQuantity(text);
  if (knownQuantities.size >= maxKnownQuantities) knownQuantities.clear();
  knownQuantities.set(text, canonical);
  return canonical;
}

function toCanonicalQuantity(text: string): string {
  try {
    return canonicalQuantity(text);
  } catch (cause) {
    throw new DecodeError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

const readInt32 = integer(-(2 ** 31), 2 ** 31 - 1, "int32");

const readIntOrString: Reader = (value, context) => (typeof value === "string" ? value : readInt32(value, context));
