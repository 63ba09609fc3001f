/** One media range of an Accept header. */
export interface AcceptClause {
  /** `application/json`, `application/*` or `*`+`/*`, lower case. */
  readonly type: string;
  /** Everything after the type but `q`, keys lower case, values as given without quotes. */
  readonly params: Readonly<Record<string, string>>;
  readonly quality: number;
}

/** More clauses than this are no honest header, and are not read. */
const maxClauses = 64;

/** The clauses of an Accept header, the most wanted first; equal ones as written. An absent header accepts everything. */
export function parseAccept(header: string | undefined): AcceptClause[] {
  if (header === undefined || header.trim() === "") return [{ type: "*/*", params: {}, quality: 1 }];
  const clauses = splitOutsideQuotes(header, ",").slice(0, maxClauses).map(parseClause);
  return clauses
    .filter((clause) => clause !== undefined)
    .sort((a, b) => b.quality - a.quality || specificity(b) - specificity(a));
}

function specificity({ type }: AcceptClause): number {
  return type === "*/*" ? 0 : type.endsWith("/*") ? 1 : 2;
}

function parseClause(text: string): AcceptClause | undefined {
  const [type = "", ...rest] = splitOutsideQuotes(text, ";");
  if (!/^[^\s/]+\/[^\s/]+$/.test(type)) return undefined;
  const params: Record<string, string> = {};
  let quality = 1;
  for (const part of rest) {
    const [key, value] = parseParam(part);
    if (key !== "q") params[key] = value;
    else quality = parseQuality(value);
  }
  return quality > 0 ? { type: type.toLowerCase(), params, quality } : undefined;
}

function parseParam(part: string): [key: string, value: string] {
  const equals = part.indexOf("=");
  if (equals < 0) return [part.toLowerCase(), ""];
  const value = part.slice(equals + 1).trim();
  const isQuoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
  const plain = isQuoted ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value;
  return [part.slice(0, equals).trim().toLowerCase(), plain];
}

function parseQuality(text: string): number {
  const quality = Number(text);
  return Number.isFinite(quality) ? Math.min(1, Math.max(0, quality)) : 1;
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\" && isQuoted) i++;
    else if (text[i] === '"') isQuoted = !isQuoted;
    else if (text[i] === separator && !isQuoted) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  parts.push(text.slice(start).trim());
  return parts.filter((part) => part !== "");
}
