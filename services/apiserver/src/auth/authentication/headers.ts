import type { Credentials } from "../authenticator.ts";

type Headers = Credentials["headers"];

/** All values of a header, empty ones left out; names are in lower case, as Node gives them. */
export function headerValues(headers: Headers, name: string): readonly string[] {
  const value = headers[name.toLowerCase()];
  if (value === undefined) return [];
  return (typeof value === "string" ? [value] : value).filter((one) => one !== "").map(asText);
}

const highBytes = /[\u0080-\u00ff]/;

/** Node gives the bytes of values as Latin-1; names in other scripts are sent in UTF-8. */
function asText(value: string): string {
  return highBytes.test(value) ? Buffer.from(value, "latin1").toString("utf8") : value;
}

export function headerValue(headers: Headers, name: string): string {
  return headerValues(headers, name)[0] ?? "";
}

/**
 * Collects headers that carry a map in their names: `X-Remote-Extra-Acme.com%2fproject: a` under the prefix `x-remote-extra-` gives
 * `acme.com/project: [a]`.
 */
export function headersByPrefix(headers: Headers, prefix: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  const start = prefix.toLowerCase();
  for (const name of Object.keys(headers)) {
    if (!name.startsWith(start)) continue;
    const key = decodeKey(name.slice(start.length));
    found[key] = [...(found[key] ?? []), ...headerValues(headers, name)];
  }
  return found;
}

/** A key that is not well encoded stands for itself. */
function decodeKey(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
