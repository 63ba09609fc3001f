import { expect } from "chai";
import { entriesOf, versionOf } from "./parse-discovery.ts";

const flunders = {
  resource: "flunders",
  responseKind: { group: "wardle.example.com", version: "v1alpha1", kind: "Flunder" },
  scope: "Namespaced",
  singularResource: "flunder",
  verbs: ["get", "list"],
  shortNames: ["fl"],
  subresources: [
    {
      subresource: "status",
      responseKind: { group: "wardle.example.com", version: "v1alpha1", kind: "Flunder" },
      verbs: ["get"],
    },
  ],
};

describe("discovery of extension servers", () => {
  it("is read from a document of all groups, without what nobody asked for", () => {
    const versions = [{ version: "v1alpha1", resources: [{ ...flunders, surprise: 1 }, "nonsense", {}] }];
    const document = {
      kind: "APIGroupDiscoveryList",
      items: [{ metadata: { name: "other" } }, { metadata: { name: "wardle.example.com" }, versions }],
    };
    expect(versionOf(document, "wardle.example.com", "v1alpha1")).to.deep.equal([flunders]);
    expect(versionOf(document, "wardle.example.com", "v1")).to.equal(undefined);
    expect(versionOf({ kind: "APIGroupList", groups: [] }, "wardle.example.com", "v1alpha1")).to.equal(undefined);
  });

  it("is read from the list of a version's resources where the server has nothing better", () => {
    const resource = { namespaced: true, kind: "Flunder", verbs: ["get"] };
    const document = {
      kind: "APIResourceList",
      resources: [
        { ...resource, name: "flunders", singularName: "flunder", verbs: ["get", "list"], shortNames: ["fl"] },
        { ...resource, name: "flunders/status", singularName: "" },
      ],
    };
    expect(entriesOf(document, "wardle.example.com", "v1alpha1")).to.deep.equal([flunders]);
    expect(entriesOf("<html>", "wardle.example.com", "v1alpha1")).to.equal(undefined);
  });
});
