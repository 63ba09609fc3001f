import { expect } from "chai";
import { fieldRequirements, labelRequirements } from "../authorization/requirements-of.ts";
import { formatFieldRequirements, formatLabelRequirements } from "./selector-requirements.ts";

type Requirement = Parameters<typeof formatFieldRequirements>[0] extends readonly (infer R)[] | undefined ? R : never;

describe("requirements of a review", () => {
  const fields: readonly [requirement: Requirement, text: string][] = [
    [{ key: "spec.nodeName", operator: "In", values: ["n1"] }, "spec.nodeName=n1"],
    [{ key: "spec.nodeName", operator: "NotIn", values: ["n1"] }, "spec.nodeName!=n1"],
    // No value can pass for a requirement of its own.
    [
      { key: "status.phase", operator: "NotIn", values: ["x,spec.nodeName=n1"] },
      "status.phase!=x\\,spec.nodeName\\=n1",
    ],
    [{ key: "a,spec.nodeName", operator: "In", values: ["n1"] }, ""],
    [{ key: "spec.nodeName", operator: "In", values: ["n1", "n2"] }, ""],
    [{ key: "spec.nodeName", operator: "Exists" }, ""],
  ];
  for (const [requirement, text] of fields) {
    it(`of fields, ${JSON.stringify(requirement)} is ${JSON.stringify(text)}`, () => {
      expect(formatFieldRequirements([requirement])).to.equal(text);
      expect(fieldRequirements(text)).to.deep.equal(text === "" ? [] : [requirement]);
    });
  }

  const labels: readonly [requirement: Requirement, text: string][] = [
    [{ key: "app", operator: "In", values: ["a", "b"] }, "app in (a,b)"],
    [{ key: "app", operator: "NotIn", values: ["a"] }, "app notin (a)"],
    [{ key: "app", operator: "Exists" }, "app"],
    [{ key: "app", operator: "DoesNotExist" }, "!app"],
    [{ key: "app", operator: "In", values: ["a),owner in (me"] }, ""],
    [{ key: "app,owner=me", operator: "Exists" }, ""],
    [{ key: "app", operator: "Newer", values: ["a"] }, ""],
  ];
  for (const [requirement, text] of labels) {
    it(`of labels, ${JSON.stringify(requirement)} is ${JSON.stringify(text)}`, () => {
      expect(formatLabelRequirements([requirement])).to.equal(text);
      expect(labelRequirements(text)).to.deep.equal(text === "" ? [] : [requirement]);
    });
  }
});
