import { expect } from "chai";
import { RE2JS } from "re2js";
import { patternSize } from "./pattern-size.ts";
import { compilePattern, matchesPattern } from "./patterns.ts";

describe("patternSize", () => {
  for (const pattern of [
    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
    "[[:word:]]{0,1000}",
    "(([a-z]{1,30}[0-9a-z]{0,30}){1,30})*",
    "a{1000}",
    "(ab|cd){3,}\\.\\p{Greek}\\x{10FFFF}",
    "[]a]\\[x\\]{20}",
    "a{x}{",
  ]) {
    it(`is near to what ${pattern} makes`, () => {
      const real = RE2JS.compile(pattern).programSize();
      expect(patternSize(pattern)).to.be.within(real / 3, real * 1.5);
    });
  }

  it("is known before anything is compiled, so that large patterns can be refused", () => {
    const started = performance.now();
    expect(() => compilePattern("[[:word:]]{0,1000}".repeat(200))).to.throw("expression too large");
    expect(() => compilePattern(`(${"[a-z]".repeat(1000)}){1000}`)).to.throw("expression too large");
    expect(performance.now() - started).to.be.below(200);
  });

  it("bounds the text that a pattern is tried on", () => {
    expect(matchesPattern("^[a-z]{1,63}$", "a".repeat(20))).to.equal(true);
    expect(matchesPattern("^(a|b)*$", "ab".repeat(500_000))).to.equal(true);
    expect(() => matchesPattern("^([a-z]{1,1000}-)*$", "ab-".repeat(50_000))).to.throw("too long");
  });
});
