import { type FunctionDeclaration, func } from "../functions.ts";
import * as t from "../types.ts";
import {
  Duration,
  EvaluationError,
  formatDuration,
  formatTimestamp,
  parseDuration,
  parseTimestamp,
  type Timestamp,
  TypeValue,
  typeOfValue,
  type Uint,
  type Value,
} from "../values/index.ts";
import { int, timestamp, uint } from "./arithmetic.ts";
import { walk } from "./costs.ts";

function wrong(from: string, to: string): never {
  throw new EvaluationError(`type conversion error from '${from}' to '${to}'`);
}

const beyondIntegers = 2 ** 63;

/** Doubles lose their fraction; those as large as the largest integer are refused, for they may stand for larger ones. */
function truncated(value: number, limit: number): bigint {
  if (!(Math.abs(value) < limit)) throw new EvaluationError("integer overflow");
  return BigInt(Math.trunc(value));
}

function parsedInt(text: string): bigint {
  return /^[+-]?\d+$/.test(text) ? int(BigInt(text.replace(/^\+/, ""))) : wrong("string", "int");
}

function parsedUint(text: string): Uint {
  return /^\d+$/.test(text) ? uint(BigInt(text)) : wrong("string", "uint");
}

function parsedDouble(text: string): number {
  const isNumber = /^[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|[iI]nf(inity)?)$/.test(text);
  if (/^[nN]a[nN]$/.test(text)) return Number.NaN;
  return isNumber ? Number(text.replace(/inf(inity)?/i, "Infinity")) : wrong("string", "double");
}

const truths = ["1", "t", "T", "true", "True", "TRUE"];
const falsehoods = ["0", "f", "F", "false", "False", "FALSE"];

function parsedBool(text: string): boolean {
  if (truths.includes(text)) return true;
  return falsehoods.includes(text) ? false : wrong("string", "bool");
}

/** Doubles as Go writes them with the fewest digits. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e21)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return String(value);
}

function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new EvaluationError("invalid UTF-8 in bytes, cannot convert to string");
  }
}

const nanosPerSecond = 1_000_000_000n;
const same = (value: Value) => value;

export const conversions: readonly FunctionDeclaration[] = [
  func("dyn", [t.parameter("T")], t.DYN, same),
  func("type", [t.parameter("T")], t.typeOf(t.parameter("T")), (value: Value) => new TypeValue(typeOfValue(value))),
  func("int", [t.INT], t.INT, same),
  func("int", [t.UINT], t.INT, (value: Uint) => int(value.value)),
  func("int", [t.DOUBLE], t.INT, (value: number) => int(truncated(value, beyondIntegers))),
  func("int", [t.STRING], t.INT, parsedInt),
  func("int", [t.TIMESTAMP], t.INT, (value: Timestamp) => value.nanos / nanosPerSecond),
  func("int", [t.DURATION], t.INT, (value: Duration) => value.nanos),
  func("uint", [t.UINT], t.UINT, same),
  func("uint", [t.INT], t.UINT, (value: bigint) => uint(value)),
  func("uint", [t.DOUBLE], t.UINT, (value: number) => uint(truncated(value, beyondIntegers * 2))),
  func("uint", [t.STRING], t.UINT, parsedUint),
  func("double", [t.DOUBLE], t.DOUBLE, same),
  func("double", [t.INT], t.DOUBLE, (value: bigint) => Number(value)),
  func("double", [t.UINT], t.DOUBLE, (value: Uint) => Number(value.value)),
  func("double", [t.STRING], t.DOUBLE, parsedDouble),
  func("bool", [t.BOOL], t.BOOL, same),
  func("bool", [t.STRING], t.BOOL, parsedBool),
  func("bytes", [t.BYTES], t.BYTES, same),
  func("bytes", [t.STRING], t.BYTES, (value: string) => Buffer.from(value), walk),
  func("string", [t.STRING], t.STRING, same),
  func("string", [t.BOOL], t.STRING, String),
  func("string", [t.INT], t.STRING, String),
  func("string", [t.UINT], t.STRING, (value: Uint) => String(value.value)),
  func("string", [t.DOUBLE], t.STRING, doubleText),
  func("string", [t.BYTES], t.STRING, text, walk),
  func("string", [t.TIMESTAMP], t.STRING, formatTimestamp),
  func("string", [t.DURATION], t.STRING, formatDuration),
  func("timestamp", [t.TIMESTAMP], t.TIMESTAMP, same),
  func("timestamp", [t.INT], t.TIMESTAMP, (seconds: bigint) => timestamp(seconds * nanosPerSecond)),
  func("timestamp", [t.STRING], t.TIMESTAMP, (value: string) =>
    timestamp((parseTimestamp(value) ?? wrong("string", "google.protobuf.Timestamp")).nanos),
  ),
  func("duration", [t.DURATION], t.DURATION, same),
  func("duration", [t.INT], t.DURATION, (nanos: bigint) => new Duration(nanos)),
  func(
    "duration",
    [t.STRING],
    t.DURATION,
    (value: string) => parseDuration(value) ?? wrong("string", "google.protobuf.Duration"),
  ),
];
