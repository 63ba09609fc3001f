import { type FunctionDeclaration, func, method } from "../functions.ts";
import * as t from "../types.ts";
import { ArrayList, EntryMap, EvaluationError, Opaque } from "../values/index.ts";
import { walk } from "./costs.ts";

const URL_TYPE = t.opaque("kubernetes.URL");

interface Parts {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

const form = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/i;

/** Absolute URIs and absolute paths, as Go's `url.ParseRequestURI` takes them. */
function partsOf(text: string): Parts | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: such characters are what is looked for
  if (/[\x00-\x20\x7f]/.test(text) || /%(?![0-9a-f]{2})/i.test(text)) return undefined;
  const [, scheme = "", authority, path = "", query = ""] = form.exec(text) ?? [];
  if (scheme === "" && (authority !== undefined || !path.startsWith("/"))) return undefined;
  const host = (authority ?? "").replace(/^.*@/, "");
  const isHost = /^(\[[0-9a-f:.%]+\]|[^:[\]<>"\\^`{|}]*)(:\d*)?$/i.test(host);
  return isHost ? { scheme: scheme.toLowerCase(), host, path: escaped(path), query } : undefined;
}

/** A path with what must be escaped in it escaped. */
function escaped(path: string): string {
  return path.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]/gu, (character) => encodeURIComponent(character));
}

function parse(text: string): Opaque<Parts> {
  const parts = partsOf(text);
  if (!parts)
    throw new EvaluationError(
      `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
    );
  return new Opaque(URL_TYPE, parts, text);
}

const part = (name: string, of: (parts: Parts) => string) =>
  method(name, [URL_TYPE], t.STRING, ({ held }: Opaque<Parts>) => of(held));

function queryOf({ held: { query } }: Opaque<Parts>): EntryMap {
  const entries = new Map<string, ArrayList>();
  for (const [key, value] of new URLSearchParams(query)) {
    const values = entries.get(key);
    if (values) values.items.push(value);
    else entries.set(key, new ArrayList([value]));
  }
  return new EntryMap(entries);
}

/** URLs and their parts. */
export const urls: readonly FunctionDeclaration[] = [
  func("isURL", [t.STRING], t.BOOL, (text: string) => partsOf(text) !== undefined),
  func("url", [t.STRING], URL_TYPE, parse, walk),
  part("getScheme", ({ scheme }) => scheme),
  part("getHost", ({ host }) => host),
  part("getHostname", ({ host }) => host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1")),
  part("getPort", ({ host }) => /:(\d*)$/.exec(host)?.[1] ?? ""),
  part("getEscapedPath", ({ path }) => path),
  method("getQuery", [URL_TYPE], t.mapOf(t.STRING, t.listOf(t.STRING)), queryOf),
];
