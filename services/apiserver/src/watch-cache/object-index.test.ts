import { expect } from "chai";
import { ObjectIndex } from "./object-index.ts";
import { anEntry } from "./testing/entries.ts";

const keys = (entries: readonly { key: string }[] | undefined) => entries?.map((entry) => entry.key);

describe("ObjectIndex", () => {
  it("lists in the order of keys, whatever the order of insertion", () => {
    const index = new ObjectIndex([]);
    for (const key of ["b/1", "a/2", "c/1", "a/1", "b/0"]) index.set(anEntry(key, 1));
    expect(keys(index.list())).to.deep.equal(["a/1", "a/2", "b/0", "b/1", "c/1"]);
  });

  it("lists exactly one namespace among those with similar names", () => {
    const index = new ObjectIndex([]);
    for (const key of ["a/x", "a-b/x", "a.b/x", "ab/x", "a0/x"]) index.set(anEntry(key, 1));
    expect(keys(index.list("a"))).to.deep.equal(["a/x"]);
    expect(keys(index.list("none"))).to.deep.equal([]);
  });

  it("follows the values of an indexed field", () => {
    const index = new ObjectIndex(["node"]);
    index.set(anEntry("a/1", 1, { annotations: { node: "n1" } }));
    index.set(anEntry("a/0", 2, { annotations: { node: "n1" } }));
    expect(keys(index.listByField("node", "n1"))).to.deep.equal(["a/0", "a/1"]);
    index.set(anEntry("a/1", 3, { annotations: { node: "n2" } }));
    index.delete("a/0");
    expect(keys(index.listByField("node", "n1"))).to.deep.equal([]);
    expect(keys(index.listByField("node", "n2"))).to.deep.equal(["a/1"]);
    expect(index.listByField("other", "x")).to.equal(undefined);
  });

  it("gives back what it replaces and deletes", () => {
    const index = new ObjectIndex([]);
    const first = anEntry("a/1", 1);
    expect(index.set(first)).to.equal(undefined);
    expect(index.set(anEntry("a/1", 2))).to.equal(first);
    expect(index.delete("a/1")?.revision).to.equal(2);
    expect(index.delete("a/1")).to.equal(undefined);
    expect(index.size).to.equal(0);
  });
});
