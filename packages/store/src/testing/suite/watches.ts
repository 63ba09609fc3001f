import { expect } from "chai";
import { createKey } from "../../operations.ts";
import { collectEvents, collectUntil, eventText } from "../collect.ts";
import { bytes, expectFailure, type MakeStore, mustCreate, mustDelete, mustUpdate, withStore } from "./fixture.ts";

export function describeWatches(makeStore: MakeStore): void {
  describe("watches", () => {
    it(
      "replay from a revision and go on, with what was there before",
      withStore(makeStore, async ({ store, key, prefix, abort }) => {
        const created = await mustCreate(store, key("a"), "1");
        const watch = store.watch({ prefix, fromRevision: created }, abort.signal);
        const updated = await mustUpdate(store, key("a"), "2", created);
        const seen = collectEvents(watch, (events) => events.length === 3);
        const deleted = await mustDelete(store, key("a"), updated);
        const events = await seen;
        expect(events.map(eventText)).to.deep.equal([
          `put ${key("a")}=1`,
          `put ${key("a")}=2 (was 1)`,
          `delete ${key("a")} (was 2)`,
        ]);
        expect(events.map(({ revision }) => revision)).to.deep.equal([created, updated, deleted]);
      }),
    );

    it(
      "see their own keys alone",
      withStore(makeStore, async ({ store, key, abort }) => {
        const from = await store.currentRevision();
        const request = (prefix: string) => store.watch({ prefix, fromRevision: from + 1 }, abort.signal);
        const watches = [request(key("a/")), request(key("b/")), request(key("")), request(key("a"))];
        const part = store.watch({ start: key("a/2"), end: key("b/2"), fromRevision: from + 1 }, abort.signal);
        for (const name of ["a/1", "a/2", "b/1", "b/2", "ab"]) await mustCreate(store, key(name), name);
        const last = await store.currentRevision();
        const seen = await Promise.all([...watches, part].map((watch) => collectUntil(watch, last)));
        const names = seen.map((events) => events.map((event) => event.key.slice(key("").length)));
        expect(names).to.deep.equal([
          ["a/1", "a/2"],
          ["b/1", "b/2"],
          ["a/1", "a/2", "b/1", "b/2", "ab"],
          ["a/1", "a/2", "ab"],
          ["a/2", "b/1", "ab"],
        ]);
      }),
    );

    it(
      "never split or reorder a revision",
      withStore(makeStore, async ({ store, key, prefix, abort }) => {
        const from = (await store.currentRevision()) + 1;
        const watch = store.watch({ prefix, fromRevision: from }, abort.signal);
        const sizes: number[] = [];
        const reading = (async () => {
          const revisions: number[] = [];
          for await (const { events } of watch) {
            const inBatch = new Set(events.map(({ revision }) => revision));
            for (const revision of inBatch) sizes.push(events.filter((event) => event.revision === revision).length);
            revisions.push(...inBatch);
            if (revisions.length === 40) return revisions;
          }
          return revisions;
        })();
        const write = (i: number) => {
          const writes = ["x", "y", "z"].map(
            (name) => ({ type: "put", key: key(name), value: bytes(`${i}`) }) as const,
          );
          return store.txn({ conditions: [], writes });
        };
        await Promise.all(Array.from({ length: 40 }, (_, i) => write(i)));
        const revisions = await reading;
        expect(revisions).to.deep.equal([...revisions].sort((a, b) => a - b));
        expect(new Set(revisions).size).to.equal(40);
        expect(new Set(sizes)).to.deep.equal(new Set([3]));
      }),
    );

    it(
      "tell on request that nothing is missing up to a revision",
      withStore(makeStore, async ({ store, key, prefix, abort }) => {
        const from = await store.currentRevision();
        const watch = store.watch({ prefix: `${prefix}watched/`, fromRevision: from + 1 }, abort.signal);
        const other = await mustCreate(store, key("other"), "1");
        watch.requestProgress(other + 1);
        const batches = watch[Symbol.asyncIterator]();
        const first = batches.next();
        const mine = await mustCreate(store, key("watched/a"), "1");
        expect((await first).value?.revision).to.be.at.least(mine);
        watch.requestProgress(mine);
        const { value: again } = await batches.next();
        expect(again?.events).to.deep.equal([]);
        expect(again?.revision).to.be.at.least(mine);
      }),
    );

    it(
      "begin in the future",
      withStore(makeStore, async ({ store, key, prefix, abort }) => {
        const revision = await store.currentRevision();
        const watch = store.watch({ prefix, fromRevision: revision + 2 }, abort.signal);
        const seen = collectEvents(watch, (events) => events.length > 0);
        await mustCreate(store, key("early"), "1");
        await mustCreate(store, key("due"), "1");
        expect((await seen).map((event) => event.key)).to.deep.equal([key("due")]);
      }),
    );

    it(
      "end quietly when aborted",
      withStore(makeStore, async ({ store, prefix, abort }) => {
        const watch = store.watch({ prefix, fromRevision: (await store.currentRevision()) + 1 }, abort.signal);
        const seen = collectEvents(watch, () => false);
        abort.abort();
        expect(await seen).to.deep.equal([]);
      }),
    );

    it(
      "fail when the store closes",
      withStore(makeStore, async ({ store, prefix, abort }) => {
        const watch = store.watch({ prefix, fromRevision: (await store.currentRevision()) + 1 }, abort.signal);
        const seen = expectFailure("closed", () => collectEvents(watch, () => false));
        await store.close();
        await seen;
      }),
    );

    it(
      "fail from a compacted revision on, telling where history begins",
      withStore(makeStore, async ({ store, key, prefix, abort }) => {
        const created = await mustCreate(store, key("a"), "1");
        const updated = await mustUpdate(store, key("a"), "2", created);
        const deleted = await mustDelete(store, key("a"), updated);
        await store.compact(updated);
        await store.close().catch(() => {});
        const reopened = await makeStore();
        try {
          const old = reopened.watch({ prefix, fromRevision: created }, abort.signal);
          const failure = await expectFailure("compacted", () => collectEvents(old, () => false));
          expect(failure.compactedRevision).to.equal(updated);
          const kept = reopened.watch({ prefix, fromRevision: updated + 1 }, abort.signal);
          expect((await collectUntil(kept, deleted)).map(eventText)).to.deep.equal([`delete ${key("a")} (was 2)`]);
        } finally {
          await reopened.close();
        }
      }),
    );

    it(
      "are cut when they fall too far behind, and resume without a gap",
      withStore(makeStore, async ({ store, key, prefix, abort }) => {
        const first = await mustCreate(store, key("a"), "0");
        const watch = store.watch({ prefix, fromRevision: first }, abort.signal);
        const batches = watch[Symbol.asyncIterator]();
        expect((await batches.next()).value?.events).to.have.length(1);
        watch.requestProgress(first); // its answer shows that history has been read and what follows is live
        expect((await batches.next()).value?.events).to.deep.equal([]);
        const value = Buffer.alloc(1024 * 1024);
        for (let i = 1; i <= 40; i++) await createKey(store, key(`big-${i}`), value);
        const last = await mustCreate(store, key("z"), "1");
        await collectUntil(store.watch({ prefix, fromRevision: last }, abort.signal), last); // all have been offered it
        const failure = await expectFailure("slowWatcher", () => batches.next());
        expect(failure.resumeRevision).to.equal(first + 1);
        const resumed = store.watch({ prefix, fromRevision: first + 1 }, abort.signal);
        expect(await collectUntil(resumed, last)).to.have.length(41);
      }),
    );

    it(
      "see keys with a time to live go",
      withStore(makeStore, async ({ store, key, prefix, abort }) => {
        const { revision } = await createKey(store, key("event"), bytes("1"), { ttlSeconds: 1 });
        const kept = await createKey(store, key("kept"), bytes("1"), { ttlSeconds: 1 });
        await mustUpdate(store, key("kept"), "2", kept.revision);
        const watch = store.watch({ prefix, fromRevision: revision }, abort.signal);
        const events = await collectEvents(watch, (seen) => seen.length === 4);
        expect(events.slice(3).map(eventText)).to.deep.equal([`delete ${key("event")} (was 1)`]);
        expect((await store.get(key("kept"))).item?.value.toString()).to.equal("2");
      }),
    );
  });
}
