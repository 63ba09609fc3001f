import { expect } from "chai";
import { gvkOfType, schemaOf, typeNameOf, typeNames } from "./index.ts";

function field(type: string, name: string) {
  return schemaOf(type).fields.find((candidate) => candidate.name === name);
}

describe("schemaOf", () => {
  it("describes a scalar with its number, pointer and default", () => {
    expect(field("core/v1.ReplicationControllerSpec", "replicas")).to.include({
      proto: 1,
      pointer: true,
      omitEmpty: true,
      default: 1,
      minimum: 0,
    });
  });

  it("describes a list that merges by key", () => {
    const ports = field("core/v1.ServiceSpec", "ports");
    expect(ports).to.deep.include({ patchStrategy: ["merge"], patchMergeKey: "port", listType: "map" });
    expect(ports?.listMapKeys).to.deep.equal(["port", "protocol"]);
  });

  it("keeps the protobuf name of an inlined struct", () => {
    expect(field("core/v1.Volume", "volumeSource")).to.include({ inline: true, proto: 2 });
  });

  it("puts apiVersion and kind first in a kind", () => {
    expect(schemaOf("apps/v1.Deployment").fields.map(({ name }) => name)).to.deep.equal([
      "apiVersion",
      "kind",
      "metadata",
      "spec",
      "status",
    ]);
  });

  it("gives the values of texts that upstream publishes as closed", () => {
    expect(field("core/v1.PodSpec", "restartPolicy")?.enum).to.have.members(["Always", "OnFailure", "Never"]);
  });

  it("refers only to types that exist", () => {
    const broken = typeNames().flatMap((name) =>
      schemaOf(name).fields.filter(({ type }) => {
        let ref = type;
        while (ref.is === "list" || ref.is === "map") ref = ref.is === "list" ? ref.items : ref.values;
        return ref.is === "struct" && !schemaOf(ref.name);
      }),
    );
    expect(broken).to.deep.equal([]);
  });

  it("refuses a name that does not exist", () => {
    expect(() => schemaOf("core/v1.Pot")).to.throw("no type core/v1.Pot");
  });
});

describe("typeNameOf", () => {
  it("finds a kind and nothing that is only part of one", () => {
    expect(typeNameOf({ group: "", version: "v1", kind: "Pod" })).to.equal("core/v1.Pod");
    expect(typeNameOf({ group: "", version: "v1", kind: "PodSpec" })).to.equal(undefined);
    expect(typeNameOf({ group: "example.com", version: "v1", kind: "Pod" })).to.equal(undefined);
  });

  it("finds the options in every group and Status in v1", () => {
    expect(typeNameOf({ group: "apps", version: "v1", kind: "DeleteOptions" })).to.equal("meta/v1.DeleteOptions");
    expect(typeNameOf({ group: "", version: "v1", kind: "Status" })).to.equal("meta/v1.Status");
    expect(gvkOfType("meta/v1.Status")).to.deep.equal({ group: "", version: "v1", kind: "Status" });
  });
});
