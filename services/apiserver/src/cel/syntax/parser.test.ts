import { expect } from "chai";
import fc from "fast-check";
import { baseFunctions } from "../libraries/index.ts";
import { compile } from "../program.ts";
import * as t from "../types.ts";
import { EvaluationError, fromJson } from "../values/index.ts";
import { InvalidExpression } from "./issues.ts";
import { parse } from "./parser.ts";

const environment = { functions: baseFunctions, variables: { a: t.DYN, b: t.DYN } };
const values = { a: fromJson({ b: [1, "x", null, { c: 0.5 }] }), b: fromJson(7) };

/** Pieces that make expressions more often than letters would. */
const pieces = fc.constantFrom(
  ..."a b . [ ] ( ) { } , : ? ! - + * / % == != < > && || in 1 1.5 'x' b'y' true null size has( .all( .map( .?b [?0] optional.of( x, x ".split(
    " ",
  ),
);

describe("the parser of expressions", () => {
  it("takes or refuses any text", () => {
    const texts = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.array(pieces, { maxLength: 25 }).map((all) => all.join(" ")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const program = compile(text, environment);
          program.evaluate((name) => values[name as keyof typeof values]);
        } catch (error) {
          if (!(error instanceof InvalidExpression || error instanceof EvaluationError)) throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("refuses what is too long or too deep for those who walk down it", () => {
    const deep = [
      `a${".b".repeat(5_000)}`,
      `1${"+1".repeat(5_000)}`,
      `true${"||true".repeat(5_000)}`,
      "[".repeat(5_000),
    ];
    for (const text of deep)
      expect(() => parse(text), text.slice(0, 8)).to.throw("expression recursion limit exceeded");
    expect(() => parse(" ".repeat(100_001))).to.throw("expression code point size exceeds limit");
    expect(parse(`a${".b".repeat(300)}`).kind).to.equal("select");
  });

  it("keeps a chain of macros as long as it is written", () => {
    const chain = `optional.of(1)${".optMap(x, x + 1)".repeat(100)}.value() == 101`;
    expect(compile(chain, environment).evaluate(() => undefined)).to.equal(true);
  });

  it("reads texts, bytes and numbers as CEL writes them", () => {
    const literal = (text: string) => {
      const expr = parse(text);
      return expr.kind === "literal" ? Object.values(expr.literal).at(-1) : expr.kind;
    };
    expect(["'\\x41\\u0042\\103\\n'", 'r"\\d"', '"""a"b"""', "-5", "0xFFu", "1e3", ".5"].map(literal)).to.deep.equal([
      "ABC\n",
      "\\d",
      'a"b',
      -5n,
      255n,
      1000,
      0.5,
    ]);
    expect(literal("b'\\xff'")).to.deep.equal(Buffer.of(255));
  });
});
