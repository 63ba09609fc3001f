import type { Literal } from "./ast.ts";
import { InvalidExpression } from "./issues.ts";
import { readString } from "./string-literal.ts";

export type Token =
  | { readonly type: "ident" | "symbol"; readonly text: string; readonly at: number }
  | { readonly type: "literal"; readonly literal: Literal; readonly text: string; readonly at: number }
  | { readonly type: "end"; readonly text: "<EOF>"; readonly at: number };

const space = /(?:[\t\n\f\r ]|\/\/[^\n]*)*/y;
const identifier = /[A-Za-z_][A-Za-z0-9_]*/y;
const quoted = /`[A-Za-z0-9_.\-/ ]+`/y;
const number =
  /0x[0-9a-fA-F]+[uU]?|(?:[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)|[0-9]+[uU]?/y;
const text =
  /[rR]?[bB]?[rR]?(?:"""[\s\S]*?(?<!\\)(?:\\\\)*"""|'''[\s\S]*?(?<!\\)(?:\\\\)*'''|"(?:\\.|[^"\\\n\r])*"|'(?:\\.|[^'\\\n\r])*')/y;
const rawText = /(?:[rR][bB]?|[bB][rR])(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"[^"\n\r]*"|'[^'\n\r]*')/y;
const symbol = /==|!=|<=|>=|&&|\|\||[-+*/%!<>()[\]{}.,:?]/y;

/** Splits an expression's text; the last token is the end. */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  for (;;) {
    at += match(space)?.length ?? 0;
    if (at >= source.length) return [...tokens, { type: "end", text: "<EOF>", at: source.length }];
    const token = read(source, at, match);
    tokens.push(token);
    at += token.text.length;
  }
}

function read(source: string, at: number, match: (pattern: RegExp) => string | undefined): Token {
  const string = match(rawText) ?? match(text);
  if (string !== undefined) return { type: "literal", literal: readString(source, string, at), text: string, at };
  const digits = match(number);
  if (digits !== undefined) return { type: "literal", literal: readNumber(source, digits, at), text: digits, at };
  const name = match(identifier) ?? match(quoted);
  if (name !== undefined) return word(name, at);
  const sign = match(symbol);
  if (sign !== undefined) return { type: "symbol", text: sign, at };
  const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
  throw new InvalidExpression(source, [{ at, message: `Syntax error: token recognition error at: '${character}'` }]);
}

function word(name: string, at: number): Token {
  if (name === "true" || name === "false") {
    return { type: "literal", literal: { type: "bool", value: name === "true" }, text: name, at };
  }
  if (name === "null") return { type: "literal", literal: { type: "null" }, text: name, at };
  if (name === "in") return { type: "symbol", text: name, at };
  return { type: "ident", text: name, at };
}

const maxInt = 2n ** 63n;

function readNumber(source: string, digits: string, at: number): Literal {
  const isHex = digits.startsWith("0x");
  if (!isHex && /[.eE]/.test(digits)) return { type: "double", value: Number(digits) };
  const isUnsigned = /[uU]$/.test(digits);
  const value = BigInt(isUnsigned ? digits.slice(0, -1) : digits);
  // 2^63 itself is an integer only behind a minus, which the parser sees.
  if (value > (isUnsigned ? 2n ** 64n - 1n : maxInt)) {
    throw new InvalidExpression(source, [{ at, message: `invalid ${isUnsigned ? "uint" : "int"} literal` }]);
  }
  return { type: isUnsigned ? "uint" : "int", value };
}
