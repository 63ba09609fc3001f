import type { Item, Store, StoreEvent, Watch, WatchBatch, WatchRequest, WriteOperation } from "@tskube/store";

/** How stored objects become those of the version that is served, and back. */
export interface StoredConversion {
  /** In the order given; values that need no change are returned as they are. */
  toServed(values: readonly Buffer[]): Promise<readonly Buffer[]>;
  toStored(value: Buffer): Promise<Buffer>;
}

/**
 * The store as a version of a custom resource sees it: whatever version objects were stored in, reads and watches give this one, and writes
 * go in as the storage version. Everything built on a store works on it unchanged.
 *
 * While a conversion fails, a cache over it cannot follow. Whoever asks for the newest revision then, to wait for the cache, is told of the failure at
 * once, or that it is over.
 */
export function convertingStore(store: Store, conversion: StoredConversion): Store {
  const doubts = new Doubts(conversion);
  const convertItems = async (items: readonly Item[]): Promise<Item[]> => {
    const values = await doubts.convert(items.map((item) => item.value));
    return items.map((item, index) => ({ ...item, value: values[index] ?? item.value }));
  };
  return {
    async currentRevision() {
      await doubts.settle();
      return store.currentRevision();
    },
    compact: (revision) => store.compact(revision),
    close: () => Promise.resolve(),
    async get(key, options) {
      const result = await store.get(key, options);
      if (!result.item) return result;
      const [item] = await convertItems([result.item]);
      return { ...result, item };
    },
    async range(request) {
      const result = await store.range(request);
      if (request.keysOnly || request.countOnly || result.items.length === 0) return result;
      return { ...result, items: await convertItems(result.items) };
    },
    async txn(request) {
      const writes: WriteOperation[] = [];
      for (const write of request.writes) {
        const isPut = write.type === "put";
        writes.push(isPut ? { ...write, value: await conversion.toStored(Buffer.from(write.value)) } : write);
      }
      return store.txn({ ...request, writes });
    },
    watch: (request, signal) => convertingWatch(store, request, signal, convertItems),
  };
}

/** Remembers the last value that could not be converted, until it can. */
class Doubts {
  readonly #conversion: StoredConversion;
  #value: Buffer | undefined;

  constructor(conversion: StoredConversion) {
    this.#conversion = conversion;
  }

  async convert(values: readonly Buffer[]): Promise<readonly Buffer[]> {
    try {
      const converted = await this.#conversion.toServed(values);
      this.#value = undefined;
      return converted;
    } catch (error) {
      this.#value = values[0];
      throw error;
    }
  }

  /** Throws while the value still cannot be converted. */
  async settle(): Promise<void> {
    if (this.#value) await this.convert([this.#value]);
  }
}

function convertingWatch(
  store: Store,
  request: WatchRequest,
  signal: AbortSignal,
  convert: (items: readonly Item[]) => Promise<Item[]>,
): Watch {
  const watch = store.watch(request, signal);
  return {
    requestProgress: (revision) => watch.requestProgress(revision),
    async *[Symbol.asyncIterator](): AsyncGenerator<WatchBatch> {
      for await (const batch of watch) yield { ...batch, events: await convertEvents(batch.events, convert) };
    },
  };
}

/** Only what is put is converted: of what was there before, the cache has its own. */
async function convertEvents(
  events: readonly StoreEvent[],
  convert: (items: readonly Item[]) => Promise<Item[]>,
): Promise<StoreEvent[]> {
  const items = await convert(events.flatMap((event) => (event.type === "put" ? [event.item] : [])));
  let next = 0;
  return events.map((event) => (event.type === "put" ? { ...event, item: items[next++] ?? event.item } : event));
}
