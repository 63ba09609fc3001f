import { createKey, isStoreError, openEtcdStore, type Store, type StoreEvent, updateKey } from "@tskube/store";
import { collectUntil } from "@tskube/store/testing";
import { expect } from "chai";
import { type EtcdProcess, startEtcd } from "./etcd-process.ts";

const prefix = "/registry/faults/";

/** Increments its own key until told to stop; returns the value that the store must hold at least. */
async function keepWriting(store: Store, key: string, stop: AbortSignal): Promise<number> {
  let acknowledged = 0;
  while (!stop.aborted) {
    try {
      const { item } = await store.get(key);
      const next = Number(item?.value ?? 0) + 1;
      const value = Buffer.from(String(next));
      const written = item ? await updateKey(store, key, value, item.modRevision) : await createKey(store, key, value);
      if (written.succeeded) acknowledged = next;
    } catch (error) {
      if (!isStoreError(error, "unavailable", "timeout")) throw error;
    }
  }
  return acknowledged;
}

/** The values of each key in order must be 1, 2, 3, …: nothing lost, doubled or reordered. */
function checkSequences(events: readonly StoreEvent[]): Map<string, number> {
  const last = new Map<string, number>();
  let revision = 0;
  for (const event of events) {
    if (event.type !== "put") throw new Error("nothing was deleted");
    expect(event.revision).to.be.at.least(revision);
    revision = event.revision;
    const value = Number(event.item.value);
    expect(value).to.equal((last.get(event.key) ?? 0) + 1);
    expect(Number(event.previous?.value ?? 0)).to.equal(value - 1);
    last.set(event.key, value);
  }
  return last;
}

describe("etcd store when etcd is killed under load", () => {
  let etcd: EtcdProcess;
  before(async () => {
    etcd = await startEtcd();
  });
  after(() => etcd?.stop());

  it("loses, doubles and reorders nothing", async () => {
    const store = await openEtcdStore({ endpoints: etcd.endpoints, requestTimeoutMs: 5_000 });
    const stop = new AbortController();
    const watching = new AbortController();
    const keys = Array.from({ length: 8 }, (_, i) => `${prefix}writer-${i}`);
    const writers = keys.map((key) => keepWriting(store, key, stop.signal));
    const watches = Array.from({ length: 3 }, () => store.watch({ prefix, fromRevision: 1 }, watching.signal));
    const seen = watches.map(async (watch) => {
      const events: StoreEvent[] = [];
      for await (const batch of watch) events.push(...batch.events);
      return events;
    });
    for (let round = 0; round < 3; round++) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await etcd.kill();
      await new Promise((resolve) => setTimeout(resolve, 200));
      await etcd.restart();
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
    stop.abort();
    const acknowledged = await Promise.all(writers);
    const last = await store.currentRevision();
    const replayed = await collectUntil(store.watch({ prefix, fromRevision: 1 }, watching.signal), last);
    watching.abort();
    const sequences = checkSequences(replayed);
    for (const [i, key] of keys.entries()) expect(sequences.get(key)).to.be.at.least(acknowledged[i] ?? 0);
    for (const events of await Promise.all(seen)) {
      const text = (all: readonly StoreEvent[]) => all.map((event) => `${event.revision} ${event.key}`);
      expect(text(events)).to.deep.equal(text(replayed).slice(0, events.length));
      expect(events.length).to.be.greaterThan(100);
    }
    await store.close();
  });

  it("tells that it is unavailable within the request's time, and comes back by itself", async () => {
    const store = await openEtcdStore({ endpoints: etcd.endpoints, requestTimeoutMs: 1_000 });
    await store.currentRevision();
    await etcd.kill();
    const begin = performance.now();
    const failure: unknown = await createKey(store, `${prefix}down`, Buffer.from("1")).catch((error: unknown) => error);
    expect(isStoreError(failure, "unavailable", "timeout")).to.equal(true);
    expect(performance.now() - begin).to.be.below(3_000);
    await etcd.restart();
    expect((await createKey(store, `${prefix}up`, Buffer.from("1"))).succeeded).to.equal(true);
    await store.close();
  });
});
