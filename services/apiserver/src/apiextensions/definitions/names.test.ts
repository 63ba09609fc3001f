import type { apiextensionsV1 } from "@tskube/api";
import { expect } from "chai";
import { decideNames } from "./names.ts";

type Names = apiextensionsV1.CustomResourceDefinitionNames;

const gadget = { plural: "gadgets", singular: "gadget", kind: "Gadget", listKind: "GadgetList", shortNames: ["g"] };

function decide(names: Partial<Names>, held: Names = { plural: "", kind: "" }) {
  const wanted: Names = { plural: "things", singular: "thing", kind: "Thing", listKind: "ThingList", ...names };
  const definition = {
    metadata: { name: "things.example.com" },
    spec: { group: "example.com", names: wanted },
    status: { acceptedNames: held },
  } as unknown as apiextensionsV1.CustomResourceDefinition;
  const others = [
    { name: "gadgets.example.com", group: "example.com", accepted: gadget },
    { name: "things.other.com", group: "other.com", accepted: wanted },
  ];
  return decideNames(definition, others);
}

describe("names of custom resources", () => {
  it("are given when nobody of the group has them", () => {
    const { accepted, namesAccepted } = decide({ shortNames: ["t"], categories: ["all"] });
    expect(accepted).to.include({ plural: "things", singular: "thing", kind: "Thing", listKind: "ThingList" });
    expect(accepted).to.deep.include({ shortNames: ["t"], categories: ["all"] });
    expect(namesAccepted).to.include({ status: "True", reason: "NoConflicts", message: "no conflicts found" });
  });

  const conflicts: [string, Partial<Names>, string, string][] = [
    ["a plural", { plural: "gadgets" }, "PluralConflict", '"gadgets" is already in use'],
    ["a singular that is a short name", { singular: "g" }, "SingularConflict", '"g" is already in use'],
    ["a short name", { shortNames: ["t", "gadget"] }, "ShortNamesConflict", '"gadget" is already in use'],
    [
      "two short names",
      { shortNames: ["g", "gadget", "g"] },
      "ShortNamesConflict",
      '["g" is already in use, "gadget" is already in use]',
    ],
    ["a kind that is a list", { kind: "GadgetList" }, "KindConflict", '"GadgetList" is already in use'],
    [
      "several, of which the last is told",
      { plural: "gadgets", listKind: "Gadget" },
      "ListKindConflict",
      '"Gadget" is already in use',
    ],
  ];
  for (const [title, names, reason, message] of conflicts) {
    it(`are not given twice: ${title}`, () => {
      expect(decide(names).namesAccepted).to.include({ status: "False", reason, message });
    });
  }

  it("stay as they were until a free one is asked for", () => {
    const held = { plural: "things", singular: "item", kind: "Thing", shortNames: ["i"] };
    const { accepted } = decide({ singular: "gadget", shortNames: ["g", "x"] }, held);
    expect(accepted).to.deep.include({ plural: "things", singular: "item", shortNames: ["i"] });
  });
});
