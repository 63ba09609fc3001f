import { formatDuration } from "@tskube/apimachinery";

/** One setting of a program: how it is written, read and explained. Its flag, variable and file key follow from its name in the table. */
export interface Option<T> {
  readonly help: string;
  /** What the value is, as `--help` shows it: `path`, `host:port`; absent for booleans. */
  readonly value?: string;
  readonly short?: string;
  readonly default: T;
  /** May be given several times; the texts of all are handed to `parse` as a list. */
  readonly isList?: boolean;
  /** The default as an operator would write it; JSON when absent. */
  show?(value: T): string;
  /** From the text of a flag or variable, or a value of the file. Throws a short reason that follows "must be". */
  parse(raw: unknown): T;
}

export type OptionTable = Readonly<Record<string, Option<unknown>>>;

/** What a table comes to: one typed value per option. */
export type OptionValues<S extends OptionTable> = { readonly [K in keyof S]: S[K] extends Option<infer T> ? T : never };

interface Extra<T> {
  readonly default?: T;
  readonly value?: string;
  readonly short?: string;
}

/** The value is not one the option takes; the message follows "must be". */
export class BadValue extends Error {}

export function text(help: string, extra: Extra<string> & { readonly default: string }): Option<string>;
export function text(help: string, extra?: Extra<string>): Option<string | undefined>;
export function text(help: string, extra: Extra<string> = {}): Option<string | undefined> {
  return { help, value: "string", default: undefined, ...extra, parse: asText };
}

export function path(help: string, extra: Extra<string> & { readonly default: string }): Option<string>;
export function path(help: string, extra?: Extra<string>): Option<string | undefined>;
export function path(help: string, extra: Extra<string> = {}): Option<string | undefined> {
  return { help, value: "path", default: undefined, ...extra, parse: asText };
}

export function choice<const C extends string>(
  help: string,
  choices: readonly C[],
  extra: Extra<C> & { readonly default: C },
): Option<C> {
  return {
    help: `${help} (${choices.join(", ")})`,
    value: "name",
    ...extra,
    parse(raw) {
      const found = choices.find((one) => one === raw);
      if (found === undefined) throw new BadValue(`one of ${choices.join(", ")}`);
      return found;
    },
  };
}

export function boolean(help: string, extra: Extra<boolean> = {}): Option<boolean> {
  return {
    help,
    default: false,
    ...extra,
    parse(raw) {
      if (raw === true || raw === "true" || raw === "1") return true;
      if (raw === false || raw === "false" || raw === "0") return false;
      throw new BadValue("true or false");
    },
  };
}

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

export function integer(help: string, extra: Extra<number> & Bounds & { readonly default: number }): Option<number>;
export function integer(help: string, extra?: Extra<number> & Bounds): Option<number | undefined>;
export function integer(help: string, { min, max, ...extra }: Extra<number> & Bounds = {}): Option<number | undefined> {
  return {
    help,
    value: "int",
    default: undefined,
    ...extra,
    parse: (raw) => bounded(asNumber(raw), true, { min, max }),
  };
}

export function decimal(help: string, extra: Extra<number> & Bounds & { readonly default: number }): Option<number> {
  const { min, max, ...rest } = extra;
  return { help, value: "number", ...rest, parse: (raw) => bounded(asNumber(raw), false, { min, max }) };
}

export function port(help: string, extra: Extra<number> & { readonly default: number }): Option<number> {
  return { ...integer(help, { min: 0, max: 65535, ...extra }), value: "port" };
}

/** A duration as Go writes it (`15s`, `1m30s`, `500ms`); the value is milliseconds. */
export function duration(help: string, extra: Extra<number> & { readonly default: number }): Option<number> {
  return { help, value: "duration", ...extra, show: formatDuration, parse: parseDurationMs };
}

/** Given several times or with commas: `--feature-gates A=true,B=false`. */
export function list(help: string, extra: Extra<readonly string[]> = {}): Option<readonly string[]> {
  return {
    help,
    value: "strings",
    default: [],
    isList: true,
    ...extra,
    parse(raw) {
      const items: unknown[] = Array.isArray(raw) ? raw : [raw];
      return items.flatMap((item) => asText(item).split(",")).filter((item) => item !== "");
    },
  };
}

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of a Go duration; a bare `0` is allowed, other bare numbers are not. */
export function parseDurationMs(raw: unknown): number {
  const written = String(raw);
  if (written === "0") return 0;
  const parts = [...written.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/gy)];
  const isWhole = parts.map((part) => part[0]).join("") === written;
  if (parts.length === 0 || !isWhole) throw new BadValue("a duration such as 15s or 1m30s");
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ""] ?? 0), 0);
}

function asText(raw: unknown): string {
  if (typeof raw === "string") return raw;
  if (typeof raw === "number" || typeof raw === "boolean") return String(raw);
  throw new BadValue("text");
}

function asNumber(raw: unknown): number {
  const number =
    typeof raw === "number" ? raw : typeof raw === "string" && raw.trim() !== "" ? Number(raw) : Number.NaN;
  if (!Number.isFinite(number)) throw new BadValue("a number");
  return number;
}

function bounded(
  number: number,
  isInteger: boolean,
  { min, max }: { min?: number | undefined; max?: number | undefined },
): number {
  if (isInteger && !Number.isInteger(number)) throw new BadValue("a whole number");
  if (min !== undefined && number < min) throw new BadValue(`at least ${min}`);
  if (max !== undefined && number > max) throw new BadValue(`at most ${max}`);
  return number;
}
