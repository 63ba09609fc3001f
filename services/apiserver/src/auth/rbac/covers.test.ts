import { expect } from "chai";
import fc from "fast-check";
import { ask, userNamed } from "../testing/ask.ts";
import { compileRules, rulesAllow } from "./compiled-rules.ts";
import { compactRule, compactRules, uncoveredRules } from "./covers.ts";
import type { PolicyRule } from "./types.ts";

const some = (...values: string[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });
const anyRule: fc.Arbitrary<PolicyRule> = fc.oneof(
  fc.record({
    verbs: some("get", "list", "*"),
    apiGroups: some("", "apps", "*"),
    resources: some("pods", "pods/log", "*/log", "*"),
    resourceNames: fc.oneof(fc.constant<string[]>([]), some("a", "b")),
  }),
  fc.record({ verbs: some("get", "*"), nonResourceURLs: some("/a", "/a/*", "/a/b", "*") }),
);
const questions = [
  "get pods ns/a",
  "list pods ns",
  "get pods/log ns/b",
  "get deployments.apps ns/a",
  "get /a",
  "get /a/b",
];

describe("uncoveredRules", () => {
  it("finds nothing missing only if nothing more would be allowed", () => {
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 3 }), fc.array(anyRule, { maxLength: 3 }), (owned, wanted) => {
        if (uncoveredRules(owned, wanted).length > 0) return;
        for (const question of questions) {
          const attributes = ask(userNamed("ann"), question);
          if (rulesAllow(compileRules(wanted), attributes)) {
            expect(rulesAllow(compileRules(owned), attributes), question).to.equal(true);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("finds that everybody covers what they hold", () => {
    fc.assert(
      fc.property(fc.array(anyRule), (rules) => {
        expect(uncoveredRules(rules, rules)).to.deep.equal([]);
      }),
    );
  });

  const cases: readonly [string, PolicyRule, PolicyRule, number][] = [
    [
      "all names by a rule for one",
      { verbs: ["get"], apiGroups: [""], resources: ["pods"], resourceNames: ["a"] },
      { verbs: ["get"], apiGroups: [""], resources: ["pods"] },
      1,
    ],
    [
      "a prefix by a longer one",
      { verbs: ["get"], nonResourceURLs: ["/a/b/*"] },
      { verbs: ["get"], nonResourceURLs: ["/a/*"] },
      1,
    ],
    [
      "each verb on its own",
      { verbs: ["get"], apiGroups: [""], resources: ["pods"] },
      { verbs: ["get", "list", "watch"], apiGroups: [""], resources: ["pods"] },
      2,
    ],
  ];
  for (const [what, owned, wanted, missing] of cases) {
    it(`does not take for covered: ${what}`, () => {
      expect(uncoveredRules([owned], [wanted])).to.have.length(missing);
    });
  }
});

describe("compactRules", () => {
  it("joins what differs in verbs, and prints as upstream does", () => {
    const parts = ["get", "list"].map((verb) => ({ verbs: [verb], apiGroups: ["apps"], resources: ["deployments"] }));
    expect(compactRules(parts).map(compactRule)).to.deep.equal([
      '{APIGroups:["apps"], Resources:["deployments"], Verbs:["get" "list"]}',
    ]);
  });
});
