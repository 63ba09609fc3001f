import { expect } from "chai";
import { goQuote } from "./go-quote.ts";

describe("quoting as Go does", () => {
  const cases: readonly [text: string, quoted: string][] = [
    ["plain text", '"plain text"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ["a\tb\nc", '"a\\tb\\nc"'],
    ["\u0007\u0000\u007f", '"\\a\\x00\\x7f"'],
    ["grün 日本 ✓", '"grün 日本 ✓"'],
    ["\u00a0\u200b", '"\\u00a0\\u200b"'],
    ["<&>", '"<&>"'],
  ];
  for (const [text, quoted] of cases) it(`gives ${quoted}`, () => expect(goQuote(text)).to.equal(quoted));
});
