/** One acceptable media type with its parameters, as an Accept header names it. */
export interface MediaRange {
  /** `application/json`, `*\/*`, … in lower case. */
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly quality: number;
}

const parsed = new Map<string, readonly MediaRange[]>();
/** Clients send a handful of different headers; the bound is against those who do not. */
const maxRemembered = 256;

/** The media ranges of an Accept header, the most wanted first; an absent header accepts everything. */
export function parseAccept(header: string | undefined): readonly MediaRange[] {
  const text = header === undefined || header === "" ? "*/*" : header;
  const known = parsed.get(text);
  if (known) return known;
  const ranges = text
    .split(",")
    .map(parseRange)
    .filter((range) => range.quality > 0)
    .sort((a, b) => b.quality - a.quality);
  if (parsed.size >= maxRemembered) parsed.clear();
  parsed.set(text, ranges);
  return ranges;
}

function parseRange(text: string): MediaRange {
  const [type = "", ...parameterTexts] = text.split(";").map((part) => part.trim());
  const parameters: Record<string, string> = {};
  let quality = 1;
  for (const parameter of parameterTexts) {
    const at = parameter.indexOf("=");
    const name = parameter.slice(0, at < 0 ? undefined : at).toLowerCase();
    const value = at < 0 ? "" : parameter.slice(at + 1).replace(/^"(.*)"$/, "$1");
    if (name === "q") quality = Number(value) || 0;
    else parameters[name] = value;
  }
  return { type: type.toLowerCase(), parameters, quality };
}

/** Whether `range` accepts `mediaType`. */
export function accepts(range: MediaRange, mediaType: string): boolean {
  if (range.type === "*/*" || range.type === mediaType) return true;
  return range.type.endsWith("/*") && mediaType.startsWith(range.type.slice(0, -1));
}
