import { type CelInput, type CelValue, celMap, isCelMap } from "@bufbuild/cel";
import { create } from "@bufbuild/protobuf";
import { DurationSchema, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { childOf, isIntOrString, isMap, itemsOf, keepsUnknown, type Schema } from "../schema/structure.ts";

/** A value as rules see it: whole numbers where the schema says integer, times and durations by their formats, fields under escaped names. */
export function toCelInput(value: unknown, schema: Schema): CelInput {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") {
    const isWhole = schema.type === "integer" || (schema.type === undefined && Number.isInteger(value));
    return isWhole ? BigInt(Math.trunc(value)) : value;
  }
  if (typeof value === "string") return isIntOrString(schema) ? value : ofFormat(value, schema.format);
  if (Array.isArray(value)) {
    const items = itemsOf(schema) ?? {};
    return value.map((item) => toCelInput(item, items));
  }
  return isMap(value) ? objectInput(value, schema) : (value as boolean);
}

function objectInput(value: Readonly<Record<string, unknown>>, schema: Schema): CelInput {
  const entries = new Map<string, CelInput>();
  const isTyped = schema.properties !== undefined;
  for (const [name, item] of Object.entries(value)) {
    const child = childOf(schema, name);
    if (!child && isTyped && !keepsUnknown(schema)) continue;
    entries.set(isTyped ? escapeName(name) : name, toCelInput(item, child ?? {}));
  }
  return celMap(entries);
}

function ofFormat(text: string, format: string | undefined): CelInput {
  switch (format) {
    case "byte":
      return new Uint8Array(Buffer.from(text, "base64"));
    case "date":
    case "date-time":
    case "datetime": {
      const ms = Date.parse(text);
      return Number.isNaN(ms) ? text : timestampFromMs(ms);
    }
    case "duration": {
      const nanos = durationNanos(text);
      return nanos === undefined ? text : durationInput(nanos);
    }
    default:
      return text;
  }
}

const unitNanos: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

function durationNanos(text: string): bigint | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text.replace(/^[+-]/, "")) return undefined;
  const nanos = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitNanos[unit ?? ""] ?? 0), 0);
  return BigInt(Math.round(text.startsWith("-") ? -nanos : nanos));
}

function durationInput(nanos: bigint): CelInput {
  return create(DurationSchema, { seconds: nanos / 1_000_000_000n, nanos: Number(nanos % 1_000_000_000n) });
}

const reserved = new Set([
  "true",
  "false",
  "null",
  "in",
  "as",
  "break",
  "const",
  "continue",
  "else",
  "for",
  "function",
  "if",
  "import",
  "let",
  "loop",
  "package",
  "namespace",
  "return",
  "var",
  "void",
  "while",
]);

/** A field's name as rules write it. */
export function escapeName(name: string): string {
  if (reserved.has(name)) return `__${name}__`;
  return name
    .replaceAll("__", "__underscores__")
    .replaceAll(".", "__dot__")
    .replaceAll("-", "__dash__")
    .replaceAll("/", "__slash__");
}

/**
 * Types that the evaluator does not have (quantity, ip, …) are maps with one entry under a key that no field can have: equal when what they
 * hold is equal.
 */
export function marked(type: string, held: CelInput): CelInput {
  return celMap(new Map<string, CelInput>([[`@${type}`, held]]));
}

/** What a marked value holds; throws for any other value, as for a call without a fitting overload. */
export function held(type: string, value: CelValue): CelValue {
  const found = isCelMap(value) ? value.get(`@${type}`) : undefined;
  if (found === undefined) throw new Error(`no such overload: not a ${type}`);
  return found;
}

export function isMarked(type: string, value: CelValue): boolean {
  return isCelMap(value) && value.has(`@${type}`);
}
