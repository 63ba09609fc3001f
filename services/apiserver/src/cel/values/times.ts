import { Duration, Timestamp } from "./value.ts";

const second = 1_000_000_000n;
const form = /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d\d:\d\d)$/;

/** RFC 3339, or a date alone; undefined for anything else. */
export function parseTimestamp(text: string): Timestamp | undefined {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return parseTimestamp(`${text}T00:00:00Z`);
  const [, time = "", fraction = "", zone = ""] = form.exec(text) ?? [];
  const ms = Date.parse(`${time.toUpperCase()}${zone.toUpperCase()}`);
  if (Number.isNaN(ms)) return undefined;
  return new Timestamp(BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, "0")));
}

export function formatTimestamp({ nanos }: Timestamp): string {
  const fraction = ((nanos % second) + second) % second;
  const text = new Date(Number((nanos - fraction) / 1_000_000n)).toISOString().slice(0, 19);
  return `${text}${shortFraction(fraction)}Z`;
}

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: second,
  m: 60n * second,
  h: 3600n * second,
};

/** Go's durations (`1h30m`, `-1.5s`, `0`); undefined for anything else. */
export function parseDuration(text: string): Duration | undefined {
  const [, sign = "", body = ""] = /^([+-]?)(.*)$/.exec(text) ?? [];
  if (body === "0") return new Duration(0n);
  const parts = [...body.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/gy)];
  const isWhole = parts.length > 0 && parts.reduce((length, [part]) => length + part.length, 0) === body.length;
  if (!isWhole || parts.some(([, whole = "", fraction = ""]) => whole + fraction === "")) return undefined;
  const nanos = parts.reduce((sum, [, whole = "", fraction = "", unit = ""]) => {
    const scale = units[unit] ?? 0n;
    return sum + BigInt(whole || "0") * scale + (BigInt(fraction || "0") * scale) / 10n ** BigInt(fraction.length);
  }, 0n);
  return nanos > 2n ** 63n - 1n ? undefined : new Duration(sign === "-" ? -nanos : nanos);
}

export function formatDuration({ nanos }: Duration): string {
  const size = nanos < 0n ? -nanos : nanos;
  return `${nanos < 0n ? "-" : ""}${size / second}${shortFraction(size % second)}s`;
}

function shortFraction(nanos: bigint): string {
  return nanos === 0n ? "" : `.${nanos.toString().padStart(9, "0").replace(/0+$/, "")}`;
}
