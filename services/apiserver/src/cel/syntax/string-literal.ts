import type { Literal } from "./ast.ts";
import { InvalidExpression } from "./issues.ts";

const simple: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "`": "`",
  "?": "?",
};

/** What a quoted text stands for: `token` is the whole of it, with prefixes and quotes. */
export function readString(source: string, token: string, at: number): Literal {
  const prefix = /^[rRbB]*/.exec(token)?.[0] ?? "";
  const quotes = /^("""|'''|"|')/.exec(token.slice(prefix.length))?.[0] ?? '"';
  const body = token.slice(prefix.length + quotes.length, -quotes.length);
  const isBytes = /b/i.test(prefix);
  const isRaw = /r/i.test(prefix);
  if (isBytes) return { type: "bytes", value: isRaw ? Buffer.from(body) : unescapeBytes(source, body, at) };
  return { type: "string", value: isRaw ? body : unescapeText(source, body, at) };
}

const escapes = /\\(?:x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))/gs;

function unescapeText(source: string, body: string, at: number): string {
  return body.replace(escapes, (_all, x?: string, X?: string, u?: string, U?: string, octal?: string, one?: string) => {
    if (one !== undefined) return simple[one] ?? invalid(source, at, one);
    const code = octal === undefined ? Number.parseInt(x ?? X ?? u ?? U ?? "", 16) : Number.parseInt(octal, 8);
    return code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? invalid(source, at, "u") : String.fromCodePoint(code);
  });
}

/** In bytes, `\x` and octal escapes are bytes and everything else is UTF-8. */
function unescapeBytes(source: string, body: string, at: number): Uint8Array {
  const parts: Buffer[] = [];
  let end = 0;
  for (const found of body.matchAll(escapes)) {
    const [all, x, X, u, U, octal, one] = found;
    if (u !== undefined || U !== undefined) invalid(source, at, "u");
    parts.push(Buffer.from(body.slice(end, found.index)));
    if (one !== undefined) parts.push(Buffer.from(simple[one] ?? invalid(source, at, one)));
    else parts.push(Buffer.of(octal === undefined ? Number.parseInt(x ?? X ?? "", 16) : Number.parseInt(octal, 8)));
    end = found.index + all.length;
  }
  parts.push(Buffer.from(body.slice(end)));
  return Buffer.concat(parts);
}

function invalid(source: string, at: number, what: string): never {
  throw new InvalidExpression(source, [{ at, message: `Syntax error: unable to unescape string: \\${what}` }]);
}
