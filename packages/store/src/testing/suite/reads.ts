import { expect } from "chai";
import {
  bytes,
  expectFailure,
  type MakeStore,
  mustCreate,
  mustDelete,
  mustUpdate,
  texts,
  withStore,
} from "./fixture.ts";

export function describeReads(makeStore: MakeStore): void {
  describe("reads", () => {
    it(
      "give a prefix's keys in order of their bytes",
      withStore(makeStore, async ({ store, key, prefix }) => {
        const names = ["b", "a/1", "a", "a-1", "ä", "\u{10000}", "\uffee", "a.1"];
        for (const name of names) await mustCreate(store, key(name), name);
        const sorted = [...names].sort((x, y) => Buffer.compare(bytes(x), bytes(y)));
        expect(texts((await store.range({ prefix })).items)).to.deep.equal(sorted);
      }),
    );

    it(
      "page through a range at one revision while it changes",
      withStore(makeStore, async ({ store, key, prefix }) => {
        for (const name of ["a", "b", "c", "d", "e"]) await mustCreate(store, key(name), name);
        const first = await store.range({ prefix, limit: 2 });
        expect(first).to.deep.include({ more: true, remaining: 3 });
        await mustCreate(store, key("c2"), "c2");
        await mustDelete(store, key("d"), (await store.get(key("d"))).item?.modRevision ?? 0);
        const rest = await store.range({ prefix, start: `${key("b")}\0`, limit: 2, revision: first.revision });
        expect(texts(first.items)).to.deep.equal(["a", "b"]);
        expect(texts(rest.items)).to.deep.equal(["c", "d"]);
        expect(rest).to.deep.include({ more: true, remaining: 1 });
        expect(rest.revision).to.equal(first.revision + 2);
      }),
    );

    it(
      "give keys or counts alone",
      withStore(makeStore, async ({ store, key, prefix }) => {
        await mustCreate(store, key("a"), "1");
        const revision = await mustCreate(store, key("b"), "2");
        const keys = await store.range({ prefix, keysOnly: true });
        expect(keys.items.map((item) => [item.key, item.value.length])).to.deep.equal([
          [key("a"), 0],
          [key("b"), 0],
        ]);
        const count = await store.range({ prefix, countOnly: true });
        expect(count).to.deep.equal({ items: [], revision, more: false, remaining: 2 });
      }),
    );

    it(
      "leave out the end of a range and find nothing between crossed bounds",
      withStore(makeStore, async ({ store, key }) => {
        for (const name of ["a", "b", "c"]) await mustCreate(store, key(name), name);
        expect(texts((await store.range({ start: key("a"), end: key("c") })).items)).to.deep.equal(["a", "b"]);
        expect((await store.range({ start: key("c"), end: key("a") })).items).to.deep.equal([]);
      }),
    );

    it(
      "see the past as it was",
      withStore(makeStore, async ({ store, key, prefix }) => {
        const created = await mustCreate(store, key("a"), "1");
        const updated = await mustUpdate(store, key("a"), "2", created);
        const deleted = await mustDelete(store, key("a"), updated);
        const at = async (revision: number) => (await store.get(key("a"), { revision })).item?.value.toString();
        expect([await at(created), await at(updated), await at(deleted)]).to.deep.equal(["1", "2", undefined]);
        expect(texts((await store.range({ prefix, revision: created })).items)).to.deep.equal(["1"]);
        expect((await store.range({ prefix, revision: deleted })).items).to.deep.equal([]);
      }),
    );

    it(
      "fail for a revision that has not happened",
      withStore(makeStore, async ({ store, key }) => {
        const revision = (await store.currentRevision()) + 100;
        await expectFailure("futureRevision", () => store.get(key("a"), { revision }));
        await expectFailure("futureRevision", () => store.compact(revision));
      }),
    );

    it(
      "fail below a compacted revision and see it and what follows",
      withStore(makeStore, async ({ store, key, prefix }) => {
        const created = await mustCreate(store, key("a"), "1");
        await mustCreate(store, key("b"), "kept");
        const updated = await mustUpdate(store, key("a"), "2", created);
        const deleted = await mustDelete(store, key("a"), updated);
        await store.compact(updated);
        await store.compact(updated);
        await expectFailure("compacted", () => store.get(key("a"), { revision: created }));
        await expectFailure("compacted", () => store.range({ prefix, revision: created }));
        expect(texts((await store.range({ prefix, revision: updated })).items)).to.deep.equal(["2", "kept"]);
        expect(texts((await store.range({ prefix, revision: deleted })).items)).to.deep.equal(["kept"]);
        expect(texts((await store.range({ prefix })).items)).to.deep.equal(["kept"]);
      }),
    );

    it(
      "fail after the store was closed",
      withStore(makeStore, async ({ store, key }) => {
        await store.close();
        await expectFailure("closed", () => store.get(key("a")));
        await expectFailure("closed", () => store.txn({ conditions: [], writes: [] }));
        await store.close();
      }),
    );
  });
}
