import type { Item, StoreEvent, TxnRequest, TxnResult } from "../store.ts";

interface ModelRevision {
  readonly revision: number;
  readonly items: ReadonlyMap<string, Item>;
  readonly events: readonly StoreEvent[];
}

/** What a store should hold, in the plainest way: the whole content once per revision. */
export class StoreModel {
  #history: ModelRevision[] = [{ revision: 0, items: new Map(), events: [] }];

  itemsAt(revision = Number.POSITIVE_INFINITY): Item[] {
    const at = this.#history.findLast((entry) => entry.revision <= revision);
    const items = [...(at?.items.values() ?? [])];
    return items.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  eventsFrom(revision: number): StoreEvent[] {
    return this.#history.filter((entry) => entry.revision >= revision).flatMap(({ events }) => events);
  }

  get revisions(): number[] {
    return this.#history.slice(1).map(({ revision }) => revision);
  }

  /** Carries out `request`, whose changes take `revision`; returns what the store should have answered. */
  txn(request: TxnRequest, revision: number): TxnResult {
    const now = this.#history.at(-1) as ModelRevision;
    const current = request.conditions.map(({ key }) => now.items.get(key));
    const holds = request.conditions.every(({ modRevision }, i) => (current[i]?.modRevision ?? 0) === modRevision);
    if (!holds) return { succeeded: false, revision, current };
    const items = new Map(now.items);
    const events: StoreEvent[] = [];
    for (const write of request.writes) {
      const { key } = write;
      const previous = items.get(key);
      if (write.type === "put") {
        const createRevision = previous?.createRevision ?? revision;
        const value = Buffer.from(write.value);
        const item = { key, value, modRevision: revision, createRevision, version: (previous?.version ?? 0) + 1 };
        items.set(key, item);
        events.push(previous ? { type: "put", key, revision, item, previous } : { type: "put", key, revision, item });
      } else if (previous) {
        items.delete(key);
        events.push({ type: "delete", key, revision, previous });
      }
    }
    if (events.length > 0) this.#history.push({ revision, items, events });
    return { succeeded: true, revision };
  }
}
