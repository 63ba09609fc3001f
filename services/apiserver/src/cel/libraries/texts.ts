import { type FunctionDeclaration, func, method } from "../functions.ts";
import * as t from "../types.ts";
import { ArrayList, EvaluationError, type ListValue, textSize, type Value } from "../values/index.ts";
import { patternCost, resultTwice, sizeCost, walk, walkTwice } from "./costs.ts";
import { formatText } from "./format-text.ts";
import { compilePattern, matchesPattern } from "./patterns.ts";

const { STRING, INT, BOOL } = t;
const strings = t.listOf(STRING);
const listOfTexts = (items: readonly string[]) => new ArrayList([...items]);

function matches(text: string, pattern: string): boolean {
  return orFail(() => matchesPattern(pattern, text));
}

function orFail<T>(use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw new EvaluationError((error as Error).message, { cause: error });
  }
}

function findAll(text: string, pattern: string, limit: number): readonly string[] {
  const matcher = orFail(() => compilePattern(pattern)).matcher(text);
  const found: string[] = [];
  while ((limit < 0 || found.length < limit) && matcher.find()) found.push(matcher.group() ?? "");
  return found;
}

/** Positions count code points. */
function charAt(text: string, index: bigint): string {
  const characters = [...text];
  if (index < 0n || index > characters.length) throw new EvaluationError(`index out of range: ${index}`);
  return characters[Number(index)] ?? "";
}

function indexOf(text: string, wanted: string, from = 0n): bigint {
  const characters = [...text];
  if (from < 0n || from > characters.length) throw new EvaluationError(`index out of range: ${from}`);
  const start = characters.slice(0, Number(from)).join("").length;
  const found = text.indexOf(wanted, start);
  return found < 0 ? -1n : BigInt(textSize(text.slice(0, found)));
}

function lastIndexOf(text: string, wanted: string, upTo?: bigint): bigint {
  const characters = [...text];
  if (upTo !== undefined && (upTo < 0n || upTo > characters.length)) {
    throw new EvaluationError(`index out of range: ${upTo}`);
  }
  const start = upTo === undefined ? text.length : characters.slice(0, Number(upTo)).join("").length;
  const found = text.lastIndexOf(wanted, start);
  return found < 0 ? -1n : BigInt(textSize(text.slice(0, found)));
}

function substring(text: string, from: bigint, to?: bigint): string {
  const characters = [...text];
  const end = to ?? BigInt(characters.length);
  if (from < 0n || from > characters.length) throw new EvaluationError(`index out of range: ${from}`);
  if (end < 0n || end > characters.length) throw new EvaluationError(`index out of range: ${end}`);
  if (from > end) throw new EvaluationError(`invalid substring range. start: ${from}, end: ${end}`);
  return characters.slice(Number(from), Number(end)).join("");
}

function replace(text: string, old: string, by: string, limit = -1n): string {
  const parts = split(text, old, limit < 0n ? -1n : limit + 1n);
  // An empty text stands before, between and after all characters.
  if (old === "" && limit !== 0n) return [...interleaved(text, by, limit)].join("");
  return parts.join(by);
}

function* interleaved(text: string, by: string, limit: bigint): IterableIterator<string> {
  let left = limit < 0n ? Number.POSITIVE_INFINITY : Number(limit);
  for (const character of text) {
    if (left-- > 0) yield by;
    yield character;
  }
  if (left > 0) yield by;
}

/** At most `limit` parts, the last being the rest; all of them when it is negative. */
function split(text: string, separator: string, limit = -1n): readonly string[] {
  if (limit === 0n) return [];
  const all = separator === "" ? [...text] : text.split(separator);
  if (limit < 0n || all.length <= limit) return all;
  const kept = all.slice(0, Number(limit) - 1);
  return [...kept, all.slice(Number(limit) - 1).join(separator)];
}

function join(list: ListValue, separator = ""): string {
  const texts = Array.from(list, (item: Value) => {
    if (typeof item !== "string") throw new EvaluationError("no such overload");
    return item;
  });
  return texts.join(separator);
}

const upper = (text: string) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
const lower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const trim = (text: string) => text.replace(/^[\p{White_Space}]+|[\p{White_Space}]+$/gu, "");

const escapes: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

/** Half of a surrogate pair stands for nothing. */
const lonely = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function quote(text: string): string {
  const escaped = [...text.replace(lonely, "\ufffd")].map((character) => escapes[character] ?? character);
  return `"${escaped.join("")}"`;
}

const searched = sizeCost((_text, wanted) => wanted);
const product = (args: readonly Value[]) => walk(args.slice(0, 1), null) * walk(args.slice(1), null);

/** What CEL has for strings by itself, its extension for strings, and patterns that find rather than match. */
export const texts: readonly FunctionDeclaration[] = [
  method("contains", [STRING, STRING], BOOL, (text: string, wanted: string) => text.includes(wanted), product),
  method("startsWith", [STRING, STRING], BOOL, (text: string, wanted: string) => text.startsWith(wanted), searched),
  method("endsWith", [STRING, STRING], BOOL, (text: string, wanted: string) => text.endsWith(wanted), searched),
  method("matches", [STRING, STRING], BOOL, matches, patternCost),
  func("matches", [STRING, STRING], BOOL, matches, patternCost),
  method("charAt", [STRING, INT], STRING, charAt),
  method("indexOf", [STRING, STRING], INT, indexOf, walkElements),
  method("indexOf", [STRING, STRING, INT], INT, indexOf, walkElements),
  method("lastIndexOf", [STRING, STRING], INT, lastIndexOf, walkElements),
  method("lastIndexOf", [STRING, STRING, INT], INT, lastIndexOf, walkElements),
  method("join", [strings], STRING, join, resultTwice),
  method("join", [strings, STRING], STRING, join, resultTwice),
  method("lowerAscii", [STRING], STRING, lower, walk),
  method("upperAscii", [STRING], STRING, upper, walk),
  method("trim", [STRING], STRING, trim, walk),
  method("substring", [STRING, INT], STRING, substring, walk),
  method("substring", [STRING, INT, INT], STRING, substring, walk),
  method("replace", [STRING, STRING, STRING], STRING, replace, walkTwice),
  method("replace", [STRING, STRING, STRING, INT], STRING, replace, walkTwice),
  method("split", [STRING, STRING], strings, (text: string, by: string) => listOfTexts(split(text, by)), walkTwice),
  method(
    "split",
    [STRING, STRING, INT],
    strings,
    (text: string, by: string, limit: bigint) => listOfTexts(split(text, by, limit)),
    walkTwice,
  ),
  method("format", [STRING, t.listOf(t.DYN)], STRING, formatText, walk),
  func("strings.quote", [STRING], STRING, quote, walk),
  method(
    "find",
    [STRING, STRING],
    STRING,
    (text: string, pattern: string) => findAll(text, pattern, 1)[0] ?? "",
    patternCost,
  ),
  method(
    "findAll",
    [STRING, STRING],
    strings,
    (text: string, by: string) => listOfTexts(findAll(text, by, -1)),
    patternCost,
  ),
  method(
    "findAll",
    [STRING, STRING, INT],
    strings,
    (text: string, by: string, limit: bigint) => listOfTexts(findAll(text, by, Number(limit))),
    patternCost,
  ),
];

function walkElements(args: readonly Value[]): number {
  return walk(args, null);
}
