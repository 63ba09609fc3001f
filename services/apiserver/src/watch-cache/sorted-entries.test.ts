import { expect } from "chai";
import fc from "fast-check";
import { SortedEntries } from "./sorted-entries.ts";
import { anEntry } from "./testing/entries.ts";

const key = fc.tuple(fc.constantFrom("a", "b", "b-c"), fc.nat(400)).map(([namespace, n]) => `${namespace}/${n}`);
const change = fc.record({ key, isDelete: fc.boolean() });

describe("SortedEntries", () => {
  it("holds what a sorted map would, whatever is put and deleted", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 600, size: "max" }), (changes) => {
        const sorted = new SortedEntries();
        const model = new Map<string, number>();
        for (const [revision, { key, isDelete }] of changes.entries()) {
          if (isDelete) sorted.delete(key);
          else sorted.set(anEntry(key, revision + 1));
          if (isDelete) model.delete(key);
          else model.set(key, revision + 1);
        }
        const expected = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(sorted.list().map((entry) => [entry.key, entry.revision])).to.deep.equal(expected);
        const inB = expected.filter(([name]) => name.startsWith("b/"));
        expect(sorted.list("b/", "b0").map((entry) => [entry.key, entry.revision])).to.deep.equal(inB);
      }),
      { numRuns: 30 },
    );
  });

  it("keeps the joined bytes of a block until one of its objects changes", () => {
    const sorted = new SortedEntries();
    for (let i = 1000; i < 1300; i++) sorted.set(anEntry(`a/${i}`, i));
    const first = () => sorted.list()[0]?.block;
    const joined = first()?.joined("form", () => Buffer.from("once"));
    expect(first()?.joined("form", () => Buffer.from("twice"))).to.equal(joined);
    sorted.set(anEntry("a/1299", 2000));
    expect(first()?.joined("form", () => Buffer.from("twice"))).to.equal(joined);
    sorted.set(anEntry("a/1000", 2001));
    expect(
      first()
        ?.joined("form", () => Buffer.from("twice"))
        ?.toString(),
    ).to.equal("twice");
  });

  it("tells a list with a whole block from one with a part of it", () => {
    const sorted = new SortedEntries();
    for (let i = 10; i < 20; i++) sorted.set(anEntry(`a/${i}`, i));
    const all = sorted.list();
    const block = all[0]?.block;
    expect(block?.standsIn(all, 0)).to.equal(true);
    expect(block?.standsIn(all, 1)).to.equal(false);
    expect(block?.standsIn(all.slice(0, 9), 0)).to.equal(false);
    sorted.delete("a/15");
    expect(block?.standsIn(all, 0)).to.equal(false);
    expect(all[5]?.block).to.equal(undefined);
  });
});
