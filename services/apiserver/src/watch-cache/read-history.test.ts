import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import type { Store } from "@tskube/store";
import { openInMemoryStore } from "@tskube/store/testing";
import { expect } from "chai";
import { encodeStored } from "./json-bytes.ts";
import { describeObject } from "./testing/entries.ts";
import { WatchCache } from "./watch-cache.ts";

const prefix = "/registry/core/configmaps/";
const room = { events: 5, bytes: 1e6 };

describe("a watch cache's memory of what was before it", () => {
  let store: Store;
  let stop: AbortController;
  let caches: Promise<void>[];

  beforeEach(async () => {
    store = await openInMemoryStore();
    stop = new AbortController();
    caches = [];
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(caches);
    await store.close();
  });

  const put = async (name: string, data: string): Promise<number> => {
    const object = { kind: "ConfigMap", apiVersion: "v1", metadata: { name, namespace: "a" }, data: { data } };
    const write = { type: "put" as const, key: `${prefix}a/${name}`, value: encodeStored(object) };
    return (await store.txn({ conditions: [], writes: [write] })).revision;
  };
  const remove = async (name: string): Promise<number> =>
    (await store.txn({ conditions: [], writes: [{ type: "delete", key: `${prefix}a/${name}` }] })).revision;
  /** A cache that starts now, as that of a restarted server does. */
  const startCache = async (ring = room) => {
    const deps = { store, clock: new FakeClock(), logger: silentLogger };
    const cache = new WatchCache(deps, { prefix, describe: describeObject, indexedFields: [], ring });
    caches.push(cache.run(stop.signal));
    await cache.whenReady(stop.signal);
    return cache;
  };
  const seen = (cache: WatchCache, since: number) =>
    cache.eventsSince(since)?.map(({ type, revision, entry, previous }) => ({
      what: `${type} ${entry.name}`,
      revision,
      before: previous?.revision,
    }));

  it("has the events since a version that was listed before it began", async () => {
    const listed = await put("x", "1");
    const changed = await put("x", "2");
    const added = await put("y", "1");
    const gone = await remove("x");
    const cache = await startCache();
    expect(cache.eventsSince(listed)).to.equal(undefined);
    await cache.recall(listed);
    expect(seen(cache, listed)).to.deep.equal([
      { what: "MODIFIED x", revision: changed, before: listed },
      { what: "ADDED y", revision: added, before: undefined },
      { what: "DELETED x", revision: gone, before: changed },
    ]);
    const after = await put("y", "2");
    await cache.fresh(1_000);
    expect(seen(cache, gone)).to.deep.equal([{ what: "MODIFIED y", revision: after, before: added }]);
  });

  it("reaches further back for those who come later, and reads nothing twice", async () => {
    const first = await put("x", "1");
    const second = await put("x", "2");
    const third = await put("x", "3");
    const cache = await startCache();
    await Promise.all([cache.recall(second), cache.recall(first), cache.recall(second)]);
    expect(seen(cache, first)?.map(({ revision }) => revision)).to.deep.equal([second, third]);
    expect(cache.oldestRevision).to.equal(first);
  });

  it("is complete where nothing of the resource has happened", async () => {
    const listed = await put("x", "1");
    await store.txn({ conditions: [], writes: [{ type: "put", key: "/registry/other/z", value: Buffer.from("z") }] });
    const cache = await startCache();
    await cache.recall(listed);
    expect(cache.eventsSince(listed)).to.deep.equal([]);
  });

  it("ends where history is longer than the ring, which stays as it is", async () => {
    const first = await put("x", "1");
    for (let n = 0; n < 6; n++) await put("x", `again ${n}`);
    const cache = await startCache();
    const { oldestRevision } = cache;
    await cache.recall(first);
    expect(cache.eventsSince(first)).to.equal(undefined);
    expect(cache.oldestRevision).to.equal(oldestRevision);
  });
});
