import type { IncomingHttpHeaders } from "node:http";

interface Message {
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
}

/**
 * The headers of a request with the values apart of those that came repeatedly. Node joins them with commas, after which two groups and one whose name
 * has a comma look the same.
 */
export function distinctHeaders({
  headers,
  rawHeaders,
}: Message): Readonly<Record<string, string | string[] | undefined>> {
  if (rawHeaders.length === 2 * Object.keys(headers).length) return headers;
  const values = new Map<string, string[]>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    values.set(name, [...(values.get(name) ?? []), rawHeaders[at + 1] ?? ""]);
  }
  const apart: Record<string, string | string[] | undefined> = { ...headers };
  for (const [name, all] of values) {
    // Of some headers only the first counts: they stay as they are.
    if (all.length > 1 && headers[name] === all.join(", ")) apart[name] = all;
  }
  return apart;
}
