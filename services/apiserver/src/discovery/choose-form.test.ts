import { expect } from "chai";
import { chooseForm } from "./choose-form.ts";

const aggregated = (version: string) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;

describe("the form of discovery", () => {
  const cases: readonly (readonly [string | undefined, string])[] = [
    [undefined, "json"],
    ["*/*", "json"],
    ["text/html,application/xhtml+xml,*/*;q=0.8", "json"],
    ["application/yaml", "yaml"],
    // As kubectl asks: the newest form, the former one, and what every server has.
    [`${aggregated("v2")},${aggregated("v2beta1")},application/json`, "aggregated"],
    [`${aggregated("v2beta1")},application/json`, "json"],
  ];
  for (const [accept, form] of cases) {
    it(`is ${form} for ${accept}`, () => expect(chooseForm(accept, true)).to.equal(form));
  }

  it("is aggregated for the lists of all groups alone", () => {
    expect(chooseForm(`${aggregated("v2")},application/json`, false)).to.equal("json");
  });

  it("is refused when it is none that there is", () => {
    for (const accept of [aggregated("v2beta1"), "text/html", "application/vnd.kubernetes.protobuf"]) {
      expect(() => chooseForm(accept, true), accept).to.throw("only the following media types are accepted");
    }
  });
});
