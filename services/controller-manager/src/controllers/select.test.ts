import { expect } from "chai";
import { validate } from "../config.ts";
import { controllerEntries } from "./index.ts";
import { selectControllers } from "./select.ts";

describe("the choice of controllers", () => {
  const names = (...wanted: string[]) => selectControllers(wanted, controllerEntries).chosen.map(({ name }) => name);

  it("takes all, all but some, or some, by either name", () => {
    const optional = ["bootstrap-signer-controller", "token-cleaner-controller"];
    const all = controllerEntries.map(({ name }) => name);
    expect(names("*")).to.deep.equal(all.filter((name) => !optional.includes(name)));
    expect(names("*", "bootstrapsigner", "tokencleaner")).to.deep.equal(all);
    expect(names("*", "-deployment")).to.not.include("deployment-controller");
    expect(names("replicaset", "garbage-collector-controller")).to.deep.equal([
      "replicaset-controller",
      "garbage-collector-controller",
    ]);
  });

  it("tells names that no controller has", () => {
    expect(selectControllers(["*", "-nope"], controllerEntries).unknown).to.deep.equal(["-nope"]);
  });

  it("is checked with the rest of the configuration", () => {
    const config = {
      controllers: ["nope"],
      allocateNodeCidrs: true,
      clusterCidr: undefined,
      serviceClusterIpRange: "10/8",
    };
    const said = validate(config as unknown as Parameters<typeof validate>[0]);
    expect(said).to.include("--cluster-cidr").and.include('"10/8"').and.include('"nope"');
  });
});
