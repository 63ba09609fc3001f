import { expect } from "chai";
import { createKey, deleteKey, updateKey } from "../../operations.ts";
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

export function describeTransactions(makeStore: MakeStore): void {
  describe("transactions", () => {
    it(
      "create a key once and tell the second writer what stands there",
      withStore(makeStore, async ({ store, key }) => {
        const first = await createKey(store, key("a"), bytes("1"));
        const second = await createKey(store, key("a"), bytes("2"));
        expect(first.succeeded).to.equal(true);
        expect(second).to.deep.equal({
          succeeded: false,
          revision: first.revision,
          current: {
            key: key("a"),
            value: bytes("1"),
            modRevision: first.revision,
            createRevision: first.revision,
            version: 1,
          },
        });
      }),
    );

    it(
      "update a key only where it is unchanged",
      withStore(makeStore, async ({ store, key }) => {
        const created = await mustCreate(store, key("a"), "1");
        const updated = await mustUpdate(store, key("a"), "2", created);
        const late = await updateKey(store, key("a"), bytes("3"), created);
        const { item } = await store.get(key("a"));
        expect(late).to.deep.equal({ succeeded: false, revision: updated, current: item });
        expect(item).to.deep.include({ value: bytes("2"), createRevision: created, modRevision: updated, version: 2 });
      }),
    );

    it(
      "delete a key only where it is unchanged, and let it begin anew",
      withStore(makeStore, async ({ store, key }) => {
        const created = await mustCreate(store, key("a"), "1");
        const updated = await mustUpdate(store, key("a"), "2", created);
        expect((await deleteKey(store, key("a"), created)).succeeded).to.equal(false);
        const deleted = await mustDelete(store, key("a"), updated);
        expect(await store.get(key("a"))).to.deep.equal({ item: undefined, revision: deleted });
        const again = await mustCreate(store, key("a"), "3");
        expect((await store.get(key("a"))).item).to.include({ createRevision: again, version: 1 });
      }),
    );

    it(
      "answer a failed condition on an absent key with its absence",
      withStore(makeStore, async ({ store, key }) => {
        const result = await updateKey(store, key("a"), bytes("1"), 1);
        expect(result).to.deep.include({ succeeded: false, current: undefined });
      }),
    );

    it(
      "change several keys with one revision or none",
      withStore(makeStore, async ({ store, key, prefix }) => {
        const a = await mustCreate(store, key("a"), "1");
        const writes = [
          { type: "put", key: key("b"), value: bytes("2") },
          { type: "delete", key: key("a") },
        ] as const;
        const failed = await store.txn({
          conditions: [
            { key: key("a"), modRevision: a },
            { key: key("b"), modRevision: a },
          ],
          writes,
        });
        expect(failed.succeeded === false && texts(failed.current)).to.deep.equal(["1", "undefined"]);
        const { revision } = await store.txn({ conditions: [{ key: key("a"), modRevision: a }], writes });
        const { items } = await store.range({ prefix });
        expect(items.map((item) => [item.key, item.modRevision])).to.deep.equal([[key("b"), revision]]);
      }),
    );

    it(
      "take no revision when nothing changes",
      withStore(makeStore, async ({ store, key }) => {
        const before = await store.currentRevision();
        const result = await store.txn({ conditions: [], writes: [{ type: "delete", key: key("absent") }] });
        expect(result).to.deep.equal({ succeeded: true, revision: before });
      }),
    );

    it(
      "let one of many concurrent writers win each revision",
      withStore(makeStore, async ({ store, key }) => {
        await mustCreate(store, key("counter"), "0");
        const increment = async () => {
          for (;;) {
            const { item } = await store.get(key("counter"));
            if (!item) throw new Error("the counter is gone");
            const next = bytes(String(Number(item.value) + 1));
            if ((await updateKey(store, key("counter"), next, item.modRevision)).succeeded) return;
          }
        };
        await Promise.all(Array.from({ length: 20 }, increment));
        expect((await store.get(key("counter"))).item).to.deep.include({ value: bytes("20"), version: 21 });
      }),
    );

    it(
      "refuse what is too large and leave nothing of it",
      withStore(makeStore, async ({ store, key }) => {
        const before = await store.currentRevision();
        await expectFailure("tooLarge", () => createKey(store, key("big"), Buffer.alloc(1.5 * 1024 * 1024 + 1)));
        await expectFailure("tooLarge", () => createKey(store, key("k".repeat(2000)), bytes("")));
        expect(await store.get(key("big"))).to.deep.equal({ item: undefined, revision: before });
      }),
    );

    it(
      "keep large values whole",
      withStore(makeStore, async ({ store, key }) => {
        const value = Buffer.alloc(1024 * 1024, "0123456789");
        await createKey(store, key("large"), value);
        expect((await store.get(key("large"))).item?.value.equals(value)).to.equal(true);
      }),
    );

    it(
      "refuse to write a key twice",
      withStore(makeStore, async ({ store, key }) => {
        const write = { type: "put", key: key("a"), value: bytes("1") } as const;
        await expectFailure("invalid", () => store.txn({ conditions: [], writes: [write, write] }));
      }),
    );
  });
}
