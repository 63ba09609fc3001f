import { expect } from "chai";
import { reviewConditions } from "./review-conditions.ts";

const pods = { user: "ann", groups: ["dev"], resourceAttributes: { verb: "get", resource: "pods", namespace: "dev" } };
const metrics = { user: "ann", nonResourceAttributes: { path: "/metrics", verb: "get" } };

describe("conditions on what an authorizer is asked", () => {
  const cases: readonly [expressions: readonly string[], spec: object, outcome: boolean | RegExp][] = [
    [[], pods, true],
    [["request.user == 'ann'", "'dev' in request.groups"], pods, true],
    [["request.resourceAttributes.namespace == 'dev'"], pods, true],
    [["request.resourceAttributes.subresource == ''"], pods, true],
    [["has(request.resourceAttributes)"], metrics, false],
    [["has(request.nonResourceAttributes) && request.nonResourceAttributes.path.startsWith('/m')"], metrics, true],
    [["!has(request.extra) || request.extra.size() == 0"], pods, true],
    [["request.resourceAttributes.namespace == 'dev'"], metrics, /no such key: resourceAttributes/],
    // One that is false decides, whatever the others come to.
    [["request.resourceAttributes.namespace == 'dev'", "request.user == 'bob'"], metrics, false],
  ];
  for (const [expressions, spec, expected] of cases) {
    it(`${JSON.stringify(expressions)} ${expected instanceof RegExp ? "fail" : `are ${expected}`} for ${JSON.stringify(spec)}`, () => {
      const outcome = reviewConditions(expressions)(spec);
      if (!(expected instanceof RegExp)) expect(outcome).to.deep.equal({ matches: expected });
      else expect(outcome).to.have.nested.property("error.message").that.matches(expected);
    });
  }
});
