import { type CelFunc, CelScalar, celFunc, celMethod, listType } from "@bufbuild/cel";
import { patternError } from "../../schema/patterns.ts";
import { held, marked } from "../values.ts";

const { STRING, BOOL, INT, DYN } = CelScalar;

function findAll(text: string, pattern: string, limit: number): string[] {
  if (patternError(pattern) !== undefined) throw new Error(`error parsing regexp: ${pattern}`);
  const found: string[] = [];
  for (const [match] of text.matchAll(new RegExp(pattern, "gu"))) {
    if (limit >= 0 && found.length >= limit) break;
    found.push(match);
  }
  return found;
}

/** Regular expressions that find rather than match. */
const expressions: readonly CelFunc[] = [
  celMethod("find", STRING, [STRING], STRING, function (pattern) {
    return findAll(this, pattern, 1)[0] ?? "";
  }),
  celMethod("findAll", STRING, [STRING], listType(STRING), function (pattern) {
    return findAll(this, pattern, -1);
  }),
  celMethod("findAll", STRING, [STRING, INT], listType(STRING), function (pattern, limit) {
    return findAll(this, pattern, Number(limit));
  }),
];

function parseUrl(text: string): URL | undefined {
  if (text.startsWith("/")) return URL.canParse(`http://host${text}`) ? new URL(`path://${text}`) : undefined;
  return /^[a-z][a-z0-9+.-]*:/i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
}

const urlOf = (value: Parameters<typeof held>[1]) => {
  const url = parseUrl(String(held("url", value)));
  if (!url) throw new Error("URL parse error during conversion from string");
  return url;
};
const part = (name: string, read: (url: URL) => string): CelFunc =>
  celMethod(name, DYN, [], STRING, function () {
    return read(urlOf(this));
  });

const urls: readonly CelFunc[] = [
  celFunc("isURL", [STRING], BOOL, (text) => parseUrl(text) !== undefined),
  celFunc("url", [STRING], DYN, (text) => {
    if (!parseUrl(text)) throw new Error(`URL parse error during conversion from string: ${text}`);
    return marked("url", text);
  }),
  part("getScheme", ({ protocol }) => (protocol === "path:" ? "" : protocol.slice(0, -1))),
  part("getHost", ({ host }) => host),
  part("getHostname", ({ hostname }) => hostname.replace(/^\[(.*)\]$/, "$1")),
  part("getPort", ({ port }) => port),
  part("getEscapedPath", ({ pathname }) => pathname),
  celMethod("getQuery", DYN, [], DYN, function () {
    const { searchParams } = urlOf(this);
    return Object.fromEntries([...new Set(searchParams.keys())].map((key) => [key, searchParams.getAll(key)]));
  }),
];

export const texts: readonly CelFunc[] = [...expressions, ...urls];
