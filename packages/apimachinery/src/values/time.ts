const nanosPerMs = 1_000_000n;

/** metav1.Time text of a moment in milliseconds: RFC 3339 in UTC, whole seconds. */
export function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** metav1.MicroTime text: RFC 3339 in UTC with six decimals. `ms` may have a fraction. */
export function formatMicroTime(ms: number): string {
  const wholeMs = Math.floor(ms);
  const micros = Math.floor((ms - wholeMs) * 1000);
  return `${new Date(wholeMs).toISOString().slice(0, -1)}${String(micros).padStart(3, "0")}Z`;
}

const timePattern = /^\d{4}-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** Milliseconds since the epoch of RFC 3339 text with any zone, with a fraction if it has one; undefined if it is none. */
export function parseTime(text: string): number | undefined {
  const match = timePattern.exec(text);
  if (!match) return undefined;
  const fraction = match[6];
  const whole = fraction ? text.replace(fraction, "") : text;
  const ms = Date.parse(whole.toUpperCase());
  if (Number.isNaN(ms) || !hasCalendarDay(text)) return undefined;
  return ms + (fraction ? Math.trunc(Number(fraction) * 1e6) / 1e3 : 0);
}

/** Date.parse takes 31 February for 3 March; the day must come back as written. */
function hasCalendarDay(text: string): boolean {
  const day = text.slice(0, 10);
  const parsed = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed) && new Date(parsed).toISOString().startsWith(day);
}

const unitNanos: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: nanosPerMs,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const durationPattern = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const durationPart = /(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g;

/** Milliseconds of a Go duration such as `1h30m`, `-1.5s` or `0`; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  if (!durationPattern.test(text)) return undefined;
  let nanos = 0n;
  for (const [, whole = "", fraction = "", unit = ""] of text.matchAll(durationPart)) {
    nanos += (BigInt(whole + fraction || "0") * (unitNanos[unit] ?? 0n)) / 10n ** BigInt(fraction.length);
  }
  const ms = Number(nanos / nanosPerMs) + Number(nanos % nanosPerMs) / 1e6;
  return text.startsWith("-") ? -ms : ms;
}

/** Milliseconds as Go prints a duration: `1h30m0s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(ms: number): string {
  const nanos = BigInt(Math.round(Math.abs(ms) * 1e6));
  const sign = ms < 0 && nanos > 0n ? "-" : "";
  if (nanos === 0n) return "0s";
  if (nanos < 1_000_000_000n) return sign + smallDuration(nanos);
  const totalSeconds = nanos / 1_000_000_000n;
  const [hours, minutes] = [totalSeconds / 3600n, (totalSeconds / 60n) % 60n];
  const seconds = decimal(nanos % 60_000_000_000n, 1_000_000_000n);
  return `${sign}${hours > 0n ? `${hours}h` : ""}${hours > 0n || minutes > 0n ? `${minutes}m` : ""}${seconds}s`;
}

function smallDuration(nanos: bigint): string {
  if (nanos < 1_000n) return `${nanos}ns`;
  return nanos < nanosPerMs ? `${decimal(nanos, 1_000n)}µs` : `${decimal(nanos, nanosPerMs)}ms`;
}

/** `value ÷ unit` with as many decimals as it needs. */
function decimal(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const fraction = String(value % unit)
    .padStart(digits, "0")
    .replace(/0+$/, "");
  return fraction === "" ? `${value / unit}` : `${value / unit}.${fraction}`;
}
