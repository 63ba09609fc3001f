import { type Entry, type Expr, partsOf, qualifiedName, type StructField } from "./ast.ts";
import { InvalidExpression } from "./issues.ts";
import { type Token, tokenize } from "./lexer.ts";
import { expandMacro } from "./macros.ts";

/** As in cel-go: deeper nesting is an attack on the stack, and a longer text one on time. */
const maxDepth = 250;
const maxCharacters = 100_000;
/** What grows without brackets (`a.b.c`, `1 + 1 + 1`) nests as well, and everything after parsing walks down it. */
const maxTreeDepth = 800;

/** Parses an expression and expands its macros; throws `InvalidExpression`. */
export function parse(source: string): Expr {
  if (source.length > maxCharacters) {
    const message = `expression code point size exceeds limit: size: ${source.length}, limit ${maxCharacters}`;
    throw new InvalidExpression("", [{ at: 0, message }]);
  }
  const parser = new Parser(source);
  const expr = parser.expression();
  parser.end();
  if (isDeeperThan(expr, maxTreeDepth)) {
    throw new InvalidExpression(source, [{ at: 0, message: `expression recursion limit exceeded: ${maxTreeDepth}` }]);
  }
  return expr;
}

/** Level by level, for a tree that is too deep cannot be walked down. Parts that stand in a tree twice are looked at once a level. */
function isDeeperThan(expr: Expr, limit: number): boolean {
  let level: ReadonlySet<Expr> = new Set([expr]);
  for (let depth = 0; level.size > 0; depth++) {
    if (depth > limit) return true;
    level = new Set([...level].flatMap(partsOf));
  }
  return false;
}

const relations = new Set(["<", "<=", ">=", ">", "==", "!=", "in"]);

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  get #token(): Token {
    return this.#tokens[this.#next] as Token;
  }

  end(): void {
    if (this.#token.type !== "end") this.#unexpected("<EOF>");
  }

  expression(): Expr {
    if (++this.#depth > maxDepth) this.#fail(this.#token.at, `expression recursion limit exceeded: ${maxDepth}`);
    const condition = this.#or();
    const { at } = this.#token;
    if (!this.#take("?")) {
      this.#depth--;
      return condition;
    }
    const first = this.#or();
    this.#expect(":");
    const second = this.expression();
    this.#depth--;
    return call(at, "_?_:_", condition, first, second);
  }

  #or(): Expr {
    return this.#chain("||", () => this.#chain("&&", () => this.#relation()));
  }

  #chain(sign: string, operand: () => Expr): Expr {
    let left = operand();
    for (let { at } = this.#token; this.#take(sign); { at } = this.#token)
      left = call(at, `_${sign}_`, left, operand());
    return left;
  }

  #relation(): Expr {
    let left = this.#sum();
    while (this.#token.type === "symbol" && relations.has(this.#token.text)) {
      const { text, at } = this.#advance();
      left = call(at, text === "in" ? "@in" : `_${text}_`, left, this.#sum());
    }
    return left;
  }

  #sum(): Expr {
    return this.#binary(["+", "-"], () => this.#binary(["*", "/", "%"], () => this.#unary()));
  }

  #binary(signs: readonly string[], operand: () => Expr): Expr {
    let left = operand();
    while (this.#token.type === "symbol" && signs.includes(this.#token.text)) {
      const { text, at } = this.#advance();
      left = call(at, `_${text}_`, left, operand());
    }
    return left;
  }

  #unary(): Expr {
    const { at } = this.#token;
    if (this.#isSymbol("!")) return this.#repeated("!", "!_");
    if (!this.#isSymbol("-")) return this.#member(this.#primary());
    const next = this.#tokens[this.#next + 1];
    if (next?.type === "literal" && ["int", "double"].includes(next.literal.type)) {
      this.#next += 2;
      const { literal } = next;
      if (literal.type === "int")
        return this.#member({ kind: "literal", at, literal: { ...literal, value: -literal.value } });
      if (literal.type === "double") {
        return this.#member({ kind: "literal", at, literal: { ...literal, value: -literal.value } });
      }
    }
    return this.#repeated("-", "-_");
  }

  /** Pairs of the same sign cancel each other. */
  #repeated(sign: string, name: string): Expr {
    const { at } = this.#token;
    let count = 0;
    while (this.#take(sign)) count++;
    const operand = this.#member(this.#primary());
    return count % 2 === 0 ? operand : call(at, name, operand);
  }

  #member(start: Expr): Expr {
    let expr = start;
    for (;;) {
      const { at } = this.#token;
      if (this.#take(".")) {
        const isOptional = this.#take("?");
        const name = this.#identifier();
        if (!isOptional && this.#isSymbol("(")) expr = this.#call(name, expr);
        else expr = { kind: "select", at, operand: expr, field: name, mode: isOptional ? "optional" : "get" };
      } else if (this.#take("[")) {
        const isOptional = this.#take("?");
        const index = this.expression();
        this.#expect("]");
        expr = call(at, isOptional ? "_[?_]" : "_[_]", expr, index);
      } else if (this.#isSymbol("{") && qualifiedName(expr) !== undefined) {
        expr = this.#struct(qualifiedName(expr) as string, expr.at);
      } else return expr;
    }
  }

  #primary(): Expr {
    const token = this.#token;
    const { at } = token;
    if (token.type === "literal") {
      this.#next++;
      if (token.literal.type === "int" && token.literal.value >= 2n ** 63n) this.#fail(at, "invalid int literal");
      return { kind: "literal", at, literal: token.literal };
    }
    if (this.#take("(")) {
      const inner = this.expression();
      this.#expect(")");
      return inner;
    }
    if (this.#take("[")) return { kind: "list", at, items: this.#items() };
    if (this.#take("{")) return { kind: "map", at, entries: this.#entries() };
    // A leading dot says that a name is not one of a container; there are no containers here.
    this.#take(".");
    if (this.#token.type !== "ident") this.#unexpected("{'[', '{', '(', '.', '-', '!', literal, IDENTIFIER}");
    const name = this.#identifier();
    return this.#isSymbol("(") ? this.#call(name, undefined) : { kind: "ident", at, name };
  }

  /** A call stands where its bracket opens. */
  #call(name: string, target: Expr | undefined): Expr {
    const { at } = this.#token;
    this.#expect("(");
    const args: Expr[] = [];
    while (!this.#isSymbol(")")) {
      args.push(this.expression());
      if (!this.#take(",")) break;
    }
    this.#expect(")");
    const made = expandMacro({ name, target, args, at }, (place, message) => this.#fail(place, message));
    return made ?? { kind: "call", at, name, target, args };
  }

  #items() {
    const items: { value: Expr; isOptional: boolean }[] = [];
    while (!this.#isSymbol("]")) {
      const isOptional = this.#take("?");
      items.push({ isOptional, value: this.expression() });
      if (!this.#take(",")) break;
    }
    this.#expect("]");
    return items;
  }

  #entries(): readonly Entry[] {
    const entries: Entry[] = [];
    while (!this.#isSymbol("}")) {
      const isOptional = this.#take("?");
      const key = this.expression();
      this.#expect(":");
      entries.push({ key, isOptional, value: this.expression() });
      if (!this.#take(",")) break;
    }
    this.#expect("}");
    return entries;
  }

  #struct(name: string, at: number): Expr {
    this.#expect("{");
    const fields: StructField[] = [];
    while (!this.#isSymbol("}")) {
      const isOptional = this.#take("?");
      const { at: place } = this.#token;
      const field = this.#identifier();
      this.#expect(":");
      fields.push({ name: field, at: place, isOptional, value: this.expression() });
      if (!this.#take(",")) break;
    }
    this.#expect("}");
    return { kind: "struct", at, name, fields };
  }

  #identifier(): string {
    const token = this.#token;
    if (token.type !== "ident" && token.text !== "in") this.#unexpected("IDENTIFIER");
    this.#next++;
    return token.text.replace(/^`(.*)`$/, "$1");
  }

  #isSymbol(text: string): boolean {
    return this.#token.type === "symbol" && this.#token.text === text;
  }

  #take(text: string): boolean {
    if (!this.#isSymbol(text)) return false;
    this.#next++;
    return true;
  }

  #advance(): Token {
    const token = this.#token;
    this.#next++;
    return token;
  }

  #expect(text: string): void {
    if (!this.#take(text)) this.#unexpected(`'${text}'`);
  }

  #unexpected(wanted: string): never {
    return this.#fail(this.#token.at, `Syntax error: mismatched input '${this.#token.text}' expecting ${wanted}`);
  }

  #fail(at: number, message: string): never {
    throw new InvalidExpression(this.#source, [{ at, message }]);
  }
}

function call(at: number, name: string, ...args: Expr[]): Expr {
  return { kind: "call", at, name, target: undefined, args };
}
