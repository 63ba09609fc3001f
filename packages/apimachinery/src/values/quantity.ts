/**
 * Amounts of resources (`100m`, `1.5Gi`, `2e3`): exact, never floating point. A quantity is a whole number of nano units,
 * the finest step upstream keeps; what is finer is rounded up (away from zero).
 */
export interface Quantity {
  readonly nanos: bigint;
  /** How it was written, which decides the suffix of its canonical form. */
  readonly format: QuantityFormat;
}

export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

export const quantityFormatMessage =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const nanosPerUnit = 10n ** 9n;
const maxNanos = (2n ** 63n - 1n) * nanosPerUnit;

const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};

const binaryShifts: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };

const quantityPattern = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([^0-9.].*)?$/s;
const exponentPattern = /^[eE]([+-]?[0-9]+)$/;

/** More digits of exponent than this cannot be told from the largest or smallest quantity. */
const maxExponent = 1000;

interface Scale {
  readonly multiplier: bigint;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

/** Parses a quantity, or returns undefined if `text` is none. Values beyond ±(2^63−1) are cut to that. */
export function tryParseQuantity(text: string): Quantity | undefined {
  const match = quantityPattern.exec(text);
  if (!match) return undefined;
  const [, sign = "", whole = "", fraction = "", suffix = ""] = match;
  if (whole === "" && fraction === "") return undefined;
  const scale = parseSuffix(suffix);
  if (!scale) return undefined;
  const digits = BigInt(whole + fraction) * scale.multiplier;
  const magnitude = scaleUp(digits, scale.exponent + 9 - fraction.length);
  const cut = magnitude > maxNanos ? maxNanos : magnitude;
  return { nanos: sign === "-" ? -cut : cut, format: scale.format };
}

/** Parses a quantity; throws a plain error in upstream's words. */
export function parseQuantity(text: string): Quantity {
  const quantity = tryParseQuantity(text);
  if (!quantity) throw new Error(quantityFormatMessage);
  return quantity;
}

function parseSuffix(suffix: string): Scale | undefined {
  if (Object.hasOwn(decimalExponents, suffix)) {
    return { multiplier: 1n, exponent: decimalExponents[suffix] ?? 0, format: "DecimalSI" };
  }
  const shift = Object.hasOwn(binaryShifts, suffix) ? binaryShifts[suffix] : undefined;
  if (shift !== undefined) return { multiplier: 1n << shift, exponent: 0, format: "BinarySI" };
  const exponent = exponentPattern.exec(suffix)?.[1];
  if (exponent === undefined) return undefined;
  const bounded = Math.max(-maxExponent, Math.min(maxExponent, Number(exponent)));
  return { multiplier: 1n, exponent: bounded, format: "DecimalExponent" };
}

/** `value × 10^exponent`, rounded up. */
function scaleUp(value: bigint, exponent: number): bigint {
  return exponent >= 0 ? value * 10n ** BigInt(exponent) : ceilDivide(value, 10n ** BigInt(-exponent));
}

/** Division of a non-negative number, rounded up. */
function ceilDivide(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

/** The canonical text: the largest suffix that needs no fraction, in the quantity's own format. */
export function formatQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return "0";
  const isBinary = format === "BinarySI" && nanos % nanosPerUnit === 0n;
  const magnitude = nanos < 0n ? -nanos : nanos;
  // Below 1024 binary and decimal suffixes say the same, and a fraction has no binary form.
  const text = isBinary && magnitude >= 1024n * nanosPerUnit ? binaryText(magnitude) : decimalText(magnitude, format);
  return nanos < 0n ? `-${text}` : text;
}

function binaryText(magnitude: bigint): string {
  let value = magnitude / nanosPerUnit;
  let suffix = "";
  for (const next of Object.keys(binaryShifts)) {
    if (value % 1024n !== 0n) break;
    value /= 1024n;
    suffix = next;
  }
  return `${value}${suffix}`;
}

const decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"] as const;

function decimalText(magnitude: bigint, format: QuantityFormat): string {
  let value = magnitude;
  let step = 0;
  while (step < decimalSuffixes.length - 1 && value % 1000n === 0n) {
    value /= 1000n;
    step++;
  }
  const exponent = (step - 3) * 3;
  if (format !== "DecimalExponent") return `${value}${decimalSuffixes[step]}`;
  return exponent === 0 ? `${value}` : `${value}e${exponent}`;
}

/** The canonical text of a written quantity; throws if it is none. */
export function canonicalQuantity(text: string): string {
  return formatQuantity(parseQuantity(text));
}

export function quantityOf(units: bigint | number, format: QuantityFormat = "DecimalSI"): Quantity {
  return { nanos: BigInt(units) * nanosPerUnit, format };
}

export function milliQuantity(milliUnits: bigint | number, format: QuantityFormat = "DecimalSI"): Quantity {
  return { nanos: BigInt(milliUnits) * 1_000_000n, format };
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
}

/** A sum keeps the format of `a`, unless `a` is zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos + b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos - b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

export function multiplyQuantity(a: Quantity, factor: bigint | number): Quantity {
  return { nanos: a.nanos * BigInt(factor), format: a.format };
}

export function negateQuantity(a: Quantity): Quantity {
  return { nanos: -a.nanos, format: a.format };
}

/** Whole units, rounded up (away from zero): the `Value()` of upstream. */
export function quantityValue(quantity: Quantity): number {
  return Number(roundAway(quantity.nanos, nanosPerUnit));
}

/** Thousandths, rounded up (away from zero): the `MilliValue()` of upstream. */
export function quantityMilliValue(quantity: Quantity): number {
  return Number(roundAway(quantity.nanos, 1_000_000n));
}

function roundAway(nanos: bigint, step: bigint): bigint {
  return nanos < 0n ? -ceilDivide(-nanos, step) : ceilDivide(nanos, step);
}

/** The quantity as a floating point number, for ratios and metrics only. */
export function quantityToNumber(quantity: Quantity): number {
  return Number(quantity.nanos / nanosPerUnit) + Number(quantity.nanos % nanosPerUnit) / 1e9;
}
