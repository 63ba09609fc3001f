import { formatGroupVersion } from "@tskube/apimachinery";
import { expect } from "chai";
import { servedGroups } from "./runtime-config.ts";

function served(...settings: readonly string[]): readonly string[] {
  const versions = servedGroups(settings).flatMap(({ versions }) => versions);
  return versions.filter(({ servedByDefault }) => servedByDefault).map(formatGroupVersion);
}

const beta = "admissionregistration.k8s.io/v1beta1";

describe("runtime config", () => {
  it("switches versions on and off", () => {
    expect(served()).to.not.include(beta);
    expect(served(`${beta}=true`)).to.include(beta);
    expect(served(`${beta}=true`)).to.not.include("admissionregistration.k8s.io/v1alpha1");
    expect(served("batch/v1=false")).to.not.include("batch/v1");
  });

  it("knows levels, of which the narrower setting wins", () => {
    expect(served("api/beta=true", `${beta}=false`))
      .to.include("networking.k8s.io/v1beta1")
      .and.to.not.include(beta);
    expect(served("api/all=false", "v1=true")).to.deep.equal(["v1"]);
  });

  it("refuses what it does not know", () => {
    expect(() => served("nothing/v1=true")).to.throw("unknown API version or group nothing/v1 in --runtime-config");
    expect(() => served(`${beta}=maybe`)).to.throw("neither true nor false");
  });
});
