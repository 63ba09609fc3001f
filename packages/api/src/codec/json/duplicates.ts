import { goQuote } from "@tskube/apimachinery";
import { pathText, type Step } from "./context.ts";

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

interface Level {
  /** Keys seen so far, of an object; undefined for a list. */
  readonly keys: Set<string> | undefined;
  /** Whether the next string is a key. */
  expectsKey: boolean;
}

/**
 * Finds keys that stand twice in one object of `text`, which must be valid JSON: parsing keeps the last and tells nothing.
 * One pass without building values; `limit` bounds what a hostile body can make us report.
 */
export function duplicateFields(text: string, limit = 100): string[] {
  const found: string[] = [];
  const levels: Level[] = [];
  const path: Step[] = [];
  for (let i = 0; i < text.length && found.length < limit; i++) {
    const char = text.charCodeAt(i);
    const level = levels[levels.length - 1];
    if (char === quote) {
      const end = endOfString(text, i);
      if (level?.keys && level.expectsKey) noteKey(level, level.keys, text.slice(i, end + 1), path, found);
      i = end;
    } else if (char === openBrace) {
      levels.push({ keys: new Set(), expectsKey: true });
      path.push("");
    } else if (char === openBracket) {
      levels.push({ keys: undefined, expectsKey: false });
      path.push(0);
    } else if (char === closeBrace || char === closeBracket) {
      levels.pop();
      path.pop();
    } else if (char === comma && level) {
      if (level.keys) level.expectsKey = true;
      else path[path.length - 1] = Number(path[path.length - 1]) + 1;
    }
  }
  return found;
}

function noteKey(level: Level, keys: Set<string>, literal: string, path: Step[], found: string[]): void {
  const key = literal.includes("\\") ? (JSON.parse(literal) as string) : literal.slice(1, -1);
  level.expectsKey = false;
  path[path.length - 1] = key;
  if (keys.has(key)) found.push(`duplicate field ${goQuote(pathText(path))}`);
  keys.add(key);
}

/** Index of the quote that ends the string begun at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}
