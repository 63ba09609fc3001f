import { type FunctionDeclaration, method } from "../functions.ts";
import * as t from "../types.ts";
import { type Duration, EvaluationError, type Timestamp } from "../values/index.ts";

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly milliseconds: number;
}

/** The clock and calendar of a place: UTC, an offset such as `-08:00`, or a name such as `Europe/Paris`. */
function partsAt({ nanos }: Timestamp, zone: string): Parts {
  const utcMs = Number((nanos - (((nanos % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n);
  const local = new Date(utcMs + offsetMs(utcMs, zone));
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth(),
    day: local.getUTCDate(),
    hours: local.getUTCHours(),
    minutes: local.getUTCMinutes(),
    seconds: local.getUTCSeconds(),
    milliseconds: local.getUTCMilliseconds(),
  };
}

function offsetMs(utcMs: number, zone: string): number {
  const [, sign, hours, minutes] = /^([+-]?)(\d{1,2}):(\d{2})$/.exec(zone) ?? [];
  if (hours !== undefined) return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  if (zone === "UTC" || zone === "") return 0;
  try {
    const name = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" })
      .formatToParts(utcMs)
      .find(({ type }) => type === "timeZoneName")?.value;
    return offsetMs(utcMs, name?.replace("GMT", "") || "UTC");
  } catch (cause) {
    throw new EvaluationError(`unknown time zone ${zone}`, { cause });
  }
}

function dayOfYear({ year, month, day }: Parts): number {
  return (Date.UTC(year, month, day) - Date.UTC(year, 0, 1)) / 86_400_000;
}

function dayOfWeek({ year, month, day }: Parts): number {
  return new Date(Date.UTC(year, month, day)).getUTCDay();
}

function getter(name: string, of: (parts: Parts) => number): readonly FunctionDeclaration[] {
  return [
    method(name, [t.TIMESTAMP], t.INT, (time: Timestamp) => BigInt(of(partsAt(time, "UTC")))),
    method(name, [t.TIMESTAMP, t.STRING], t.INT, (time: Timestamp, zone: string) => BigInt(of(partsAt(time, zone)))),
  ];
}

function lengthIn(name: string, nanosPerUnit: bigint, within?: bigint): FunctionDeclaration {
  return method(name, [t.DURATION], t.INT, ({ nanos }: Duration) => {
    const units = nanos / nanosPerUnit;
    return within === undefined ? units : units % within;
  });
}

export const times: readonly FunctionDeclaration[] = [
  ...getter("getFullYear", ({ year }) => year),
  ...getter("getMonth", ({ month }) => month),
  ...getter("getDate", ({ day }) => day),
  ...getter("getDayOfMonth", ({ day }) => day - 1),
  ...getter("getDayOfYear", dayOfYear),
  ...getter("getDayOfWeek", dayOfWeek),
  ...getter("getHours", ({ hours }) => hours),
  ...getter("getMinutes", ({ minutes }) => minutes),
  ...getter("getSeconds", ({ seconds }) => seconds),
  ...getter("getMilliseconds", ({ milliseconds }) => milliseconds),
  lengthIn("getHours", 3_600_000_000_000n),
  lengthIn("getMinutes", 60_000_000_000n),
  lengthIn("getSeconds", 1_000_000_000n),
  lengthIn("getMilliseconds", 1_000_000n, 1_000n),
];
