import { expect } from "chai";
import fc from "fast-check";
import {
  createFieldSelector,
  labelSelectorAsSelector,
  nothing,
  parseFieldSelector,
  parseLabelSelector,
  selectorFromLabels,
} from "./index.ts";

describe("label selectors", () => {
  const matching: readonly [selector: string, labels: Record<string, string>, matches: boolean][] = [
    ["", {}, true],
    ["a=b", { a: "b" }, true],
    ["a==b", { a: "c" }, false],
    ["a!=b", {}, true],
    ["a!=b", { a: "b" }, false],
    ["a in (x,y)", { a: "y" }, true],
    ["a in (x,y)", {}, false],
    ["a notin (x,y)", {}, true],
    ["a notin (x,y)", { a: "x" }, false],
    ["a", { a: "" }, true],
    ["!a", { a: "" }, false],
    ["!a", {}, true],
    ["a>1", { a: "2" }, true],
    ["a>1", { a: "10" }, true],
    ["a<1", { a: "x" }, false],
    ["a<9007199254740993", { a: "9007199254740992" }, true],
    ["a=b,c", { a: "b" }, false],
    ["a=", { a: "" }, true],
    ["in in (in,notin)", { in: "notin" }, true],
    ["constructor", {}, false],
  ];
  for (const [selector, labels, matches] of matching) {
    it(`"${selector}" ${matches ? "matches" : "does not match"} ${JSON.stringify(labels)}`, () => {
      expect(parseLabelSelector(selector).matches(labels)).to.equal(matches);
    });
  }

  const texts: readonly [written: string, canonical: string][] = [
    ["b=1, a=2", "a=2,b=1"],
    ["x in (b,a,,a)", "x in (,a,b)"],
    ["x in ()", "x in ()"],
    ["!z , y notin(q)", "y notin (q),!z"],
    ["x>5", "x>5"],
  ];
  for (const [written, canonical] of texts) {
    it(`print "${written}" as "${canonical}"`, () => expect(String(parseLabelSelector(written))).to.equal(canonical));
  }

  const wrong: readonly [selector: string, message: string][] = [
    ["a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ["a in x", "unable to parse requirement: found 'x' expected: '('"],
    ["a=b c", "found 'c', expected: ',' or 'end of string'"],
    ["a,", "found '', expected: identifier after ','"],
    ["=a", "found '=', expected: !, identifier, or 'end of string'"],
    ["!", "unable to parse requirement: found '', expected: identifier"],
    ["a in (x", "unable to parse requirement: found '', expected: ',' or ')'"],
    [
      "a>b",
      "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
  ];
  for (const [selector, message] of wrong) {
    it(`refuse "${selector}"`, () => expect(() => parseLabelSelector(selector)).to.throw(message));
  }

  it("read back what they print", () => {
    const key = fc.constantFrom("a", "app.io/b", "in");
    const value = fc.constantFrom("", "x", "y-z", "notin");
    const requirement = fc.oneof(
      fc.tuple(key, fc.constantFrom("=", "==", "!="), value).map(([k, op, v]) => `${k}${op}${v}`),
      fc
        .tuple(key, fc.constantFrom("in", "notin"), fc.array(value, { minLength: 1 }))
        .map(([k, op, v]) => `${k} ${op} (${v})`),
      key,
      key.map((k) => `!${k}`),
    );
    fc.assert(
      fc.property(fc.array(requirement), fc.dictionary(key, value), (parts, labels) => {
        const selector = parseLabelSelector(parts.join(","));
        const again = parseLabelSelector(String(selector));
        expect(String(again)).to.equal(String(selector));
        expect(again.matches(labels)).to.equal(selector.matches(labels));
      }),
    );
  });

  it("compile metav1.LabelSelector: absent matches nothing, empty everything", () => {
    expect(labelSelectorAsSelector(undefined)).to.equal(nothing);
    expect(labelSelectorAsSelector({}).matches({})).to.equal(true);
    const selector = labelSelectorAsSelector({
      matchLabels: { a: "b" },
      matchExpressions: [{ key: "c", operator: "NotIn", values: ["d"] }],
    });
    expect(String(selector)).to.equal("a=b,c notin (d)");
    expect(() => labelSelectorAsSelector({ matchExpressions: [{ key: "c", operator: "In" }] })).to.throw(
      "values set can't be empty",
    );
    expect(() => labelSelectorAsSelector({ matchExpressions: [{ key: "c", operator: "toString" }] })).to.throw(
      '"toString" is not a valid label selector operator',
    );
  });

  it("tell the one value a key must have", () => {
    expect(parseLabelSelector("a=b,c in (d),e in (f,g)").exactValue("a")).to.equal("b");
    expect(parseLabelSelector("c in (d)").exactValue("c")).to.equal("d");
    expect(parseLabelSelector("e in (f,g)").exactValue("e")).to.equal(undefined);
    expect(selectorFromLabels({ a: "b" }).exactValue("a")).to.equal("b");
  });
});

describe("field selectors", () => {
  const reader = (fields: Record<string, string>) => (name: string) => fields[name];

  it("compare text, an absent field being empty", () => {
    const selector = parseFieldSelector("spec.nodeName=n1,status.phase!=Running");
    expect(selector.matches(reader({ "spec.nodeName": "n1" }))).to.equal(true);
    expect(selector.matches(reader({ "spec.nodeName": "n1", "status.phase": "Running" }))).to.equal(false);
    expect(parseFieldSelector("spec.nodeName=").matches(reader({}))).to.equal(true);
    expect(selector.exactValue("spec.nodeName")).to.equal("n1");
    expect(selector.exactValue("status.phase")).to.equal(undefined);
    expect(parseFieldSelector("").isEmpty).to.equal(true);
  });

  it("refuse what they cannot understand", () => {
    expect(() => parseFieldSelector("a")).to.throw("invalid selector: 'a'; can't understand 'a'");
    expect(() => parseFieldSelector("a=b=c")).to.throw("invalid field selector: unescaped character in value: 61");
    expect(() => parseFieldSelector("a=\\x")).to.throw("invalid field selector: invalid escape sequence: \\x");
    expect(() => parseFieldSelector("a=b\\")).to.throw("invalid field selector: invalid escape sequence: \\");
  });

  it("read back any value they print", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("=" as const, "!=" as const), (value, operator) => {
        const requirements = [{ field: "metadata.name", operator, value }];
        expect(parseFieldSelector(String(createFieldSelector(requirements))).requirements).to.deep.equal(requirements);
      }),
    );
  });
});
