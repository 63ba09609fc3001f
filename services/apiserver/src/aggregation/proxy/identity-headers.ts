import type { RequestHeaderOptions } from "../../auth/authentication/request-header.ts";
import type { User } from "../../auth/user.ts";

const legalInNames = /^[!#$&'*+\-.^_`|~0-9A-Za-z]$/;
const extraPrefix = "X-Remote-Extra-";
const standardNames = ["x-remote-user", "x-remote-uid", "x-remote-group"];

export type HeaderValues = Record<string, string | string[]>;

/** The headers in which a front proxy names the user that it speaks for. */
export function identityHeaders({ name, uid, groups, extra = {} }: User): HeaderValues {
  const headers: HeaderValues = { "X-Remote-User": asBytes(name) };
  if (uid) headers["X-Remote-Uid"] = asBytes(uid);
  if (groups.length > 0) headers["X-Remote-Group"] = groups.map(asBytes);
  for (const [key, values] of Object.entries(extra)) headers[extraPrefix + escapeKey(key)] = values.map(asBytes);
  return headers;
}

/** The headers that front proxies name users in besides the standard ones. */
export type FrontProxyHeaders = Pick<
  RequestHeaderOptions,
  "usernameHeaders" | "uidHeaders" | "groupHeaders" | "extraHeaderPrefixes"
>;

/**
 * Whether servers that trust us would take a user from a header, whose name is in lower case: no client may send it through us. Extension servers are
 * told to believe the `custom` ones, too.
 */
export function identityHeaderTest(custom: FrontProxyHeaders = {}): (name: string) => boolean {
  const { usernameHeaders = [], uidHeaders = [], groupHeaders = [], extraHeaderPrefixes = [] } = custom;
  const lower = (names: readonly string[]) => names.map((name) => name.toLowerCase());
  const names = new Set([...standardNames, ...lower([...usernameHeaders, ...uidHeaders, ...groupHeaders])]);
  const prefixes = lower([extraPrefix, ...extraHeaderPrefixes]);
  return (name) => names.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
}

/** Names of headers cannot hold every character of a key: what they cannot is percent-encoded, byte by byte. */
function escapeKey(key: string): string {
  let escaped = "";
  for (const byte of Buffer.from(key, "utf8")) {
    const char = String.fromCharCode(byte);
    escaped += legalInNames.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return escaped;
}

/** Node takes header values as Latin-1; peers read UTF-8. */
function asBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
