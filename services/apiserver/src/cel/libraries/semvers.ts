import { type FunctionDeclaration, func, method } from "../functions.ts";
import * as t from "../types.ts";
import { EvaluationError, Opaque } from "../values/index.ts";
import { walk } from "./costs.ts";

const SEMVER = t.opaque("kubernetes.Semver");

interface Version {
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly pre: readonly string[];
}

const number = "(0|[1-9]\\d*)";
const identifiers = "[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*";
const form = new RegExp(`^${number}\\.${number}\\.${number}(?:-(${identifiers}))?(?:\\+${identifiers})?$`);

/** A version as semver.org has it; undefined for anything else. */
function parse(text: string): Version | undefined {
  const [, major, minor, patch, pre] = form.exec(text) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  const parts = pre?.split(".") ?? [];
  if (parts.some((part) => /^0\d+$/.test(part))) return undefined;
  return { numbers: [BigInt(major), BigInt(minor), BigInt(patch)], pre: parts };
}

/** Takes off a leading `v` and leading zeros, and adds numbers that are missing. */
function normalized(text: string): string {
  const parts = text.replace(/^v/, "").split(/\.(.*)/s);
  const [major = "", rest] = parts;
  const [minor, ...others] = (rest ?? "0").split(/\.(.*)/s);
  const patch = others[0] ?? "0";
  const isShort = rest === undefined || others[0] === undefined;
  if (isShort && /[+-]/.test(text)) return "";
  return [major, minor ?? "0", patch].map((part) => part.replace(/^0+(?=\d)/, "")).join(".");
}

function version(text: string): Opaque<Version> {
  const parsed = parse(text);
  if (!parsed) throw new EvaluationError(`invalid semantic version: ${JSON.stringify(text)}`);
  const [numbers, pre] = [parsed.numbers.join("."), parsed.pre.join(".")];
  return new Opaque(SEMVER, parsed, pre ? `${numbers}-${pre}` : numbers);
}

function compare(a: Version, b: Version): number {
  for (const [at, left] of a.numbers.entries()) {
    const right = b.numbers[at] ?? 0n;
    if (left !== right) return left < right ? -1 : 1;
  }
  return comparePre(a.pre, b.pre);
}

/** A version before a release is older than the release; numbers are older than words. */
function comparePre(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return Math.sign(b.length - a.length);
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [left, right] = [a[at], b[at]];
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    const order = compareIdentifiers(left, right);
    if (order !== 0) return order;
  }
  return 0;
}

function compareIdentifiers(a: string, b: string): number {
  const [isLeft, isRight] = [a, b].map((one) => /^\d+$/.test(one));
  if (isLeft && isRight) return Number(BigInt(a) > BigInt(b)) - Number(BigInt(a) < BigInt(b));
  if (isLeft !== isRight) return isLeft ? -1 : 1;
  return Number(a > b) - Number(a < b);
}

const given = (text: string, normalizes: boolean) => (normalizes ? normalized(text) : text);
const compared = (name: string, holds: (order: number) => boolean) =>
  method(name, [SEMVER, SEMVER], t.BOOL, (a: Opaque<Version>, b: Opaque<Version>) => holds(compare(a.held, b.held)));
const numberAt = (name: string, at: 0 | 1 | 2) =>
  method(name, [SEMVER], t.INT, ({ held }: Opaque<Version>) => held.numbers[at]);

/** Semantic versions: `semver("1.2.3").isLessThan(semver("2.0.0"))`. */
export const semvers: readonly FunctionDeclaration[] = [
  func("semver", [t.STRING], SEMVER, version, walk),
  func(
    "semver",
    [t.STRING, t.BOOL],
    SEMVER,
    (text: string, normalizes: boolean) => version(given(text, normalizes)),
    walk,
  ),
  func("isSemver", [t.STRING], t.BOOL, (text: string) => parse(text) !== undefined, walk),
  func(
    "isSemver",
    [t.STRING, t.BOOL],
    t.BOOL,
    (text: string, normalizes: boolean) => parse(given(text, normalizes)) !== undefined,
    walk,
  ),
  numberAt("major", 0),
  numberAt("minor", 1),
  numberAt("patch", 2),
  compared("isLessThan", (order) => order < 0),
  compared("isGreaterThan", (order) => order > 0),
  method("compareTo", [SEMVER, SEMVER], t.INT, (a: Opaque<Version>, b: Opaque<Version>) =>
    BigInt(compare(a.held, b.held)),
  ),
];
