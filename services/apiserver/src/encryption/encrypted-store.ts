import { internalError, type StatusError } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import type { Item, Store, StoreEvent, Watch, WatchBatch, WatchRequest, WriteOperation } from "@tskube/store";
import { identity, isSealed } from "./providers/identity.ts";
import type { ResourceTransformers } from "./resource-transformers.ts";
import { type Place, placeOf } from "./storage-key.ts";
import type { Transformer } from "./transformer.ts";

/** How one resource's values are opened; undefined where there is nothing to open. */
type Open = (item: Item) => Promise<Item>;

/**
 * The store as all others see it, with the values of objects sealed on their way in and opened on their way out. Values that cannot be opened fail
 * the read with an internal error in upstream's words. `transformers` is asked anew with every request, for configurations change while a server runs.
 */
export function encryptedStore(store: Store, transformers: () => ResourceTransformers): Store {
  const openAt = (place: Place): Open => {
    const transformer = transformers().for(place);
    return (item) => openItem(item, transformer, place.upstreamKey(item.key));
  };
  const openByKey: Open = async (item) => {
    const place = placeOf(item.key);
    return place ? openAt(place)(item) : item;
  };
  // A read of one resource finds its way once; one of many resources, with each value.
  const opening = (key: string): Open => {
    const place = placeOf(key);
    return place ? openAt(place) : openByKey;
  };
  const needsOpening = (key: string, items: readonly Item[]) => {
    const place = placeOf(key);
    if (!place || items.length === 0) return items.length > 0;
    // Of a resource that is not sealed, one look at each value spares everything else.
    return transformers().for(place) !== identity || items.some(({ value }) => isSealed(value));
  };
  return {
    currentRevision: () => store.currentRevision(),
    compact: (revision) => store.compact(revision),
    close: () => store.close(),
    async get(key, options) {
      const result = await store.get(key, options);
      if (!result.item || !needsOpening(key, [result.item])) return result;
      return { ...result, item: await readable(opening(key)(result.item)) };
    },
    async range(request) {
      const result = await store.range(request);
      const key = request.prefix ?? ""; // a range may cross resources
      if (request.keysOnly || request.countOnly || !needsOpening(key, result.items)) return result;
      const open = opening(key);
      const items = result.items.map((item) => readable(open(item), (reason) => untransformed(item.key, reason)));
      return { ...result, items: await Promise.all(items) };
    },
    async txn(request) {
      const writes = await Promise.all(request.writes.map((write) => seal(write, transformers())));
      return store.txn({ ...request, writes });
    },
    watch: (request, signal) => openingWatch(store, request, signal, opening),
  };
}

async function openItem(item: Item, transformer: Transformer, upstreamKey: string): Promise<Item> {
  if (transformer === identity && !isSealed(item.value)) return item;
  const { value, isStale } = await transformer.open(item.value, upstreamKey);
  return { ...item, value, ...(isStale && { isStale }) };
}

async function seal(write: WriteOperation, transformers: ResourceTransformers): Promise<WriteOperation> {
  const place = write.type === "put" ? placeOf(write.key) : undefined;
  if (write.type !== "put" || !place) return write;
  const transformer = transformers.for(place);
  if (transformer === identity) return write;
  const value = Buffer.from(write.value.buffer, write.value.byteOffset, write.value.byteLength);
  return { ...write, value: await readable(sealed(value, transformer, place.upstreamKey(write.key))) };
}

async function sealed(value: Buffer, transformer: Transformer, upstreamKey: string): Promise<Buffer> {
  return transformer.seal(value, upstreamKey);
}

function openingWatch(store: Store, request: WatchRequest, signal: AbortSignal, opening: (key: string) => Open): Watch {
  const watch = store.watch(request, signal);
  const key = request.prefix ?? ""; // a range may cross resources
  return {
    requestProgress: (revision) => watch.requestProgress(revision),
    async *[Symbol.asyncIterator](): AsyncGenerator<WatchBatch> {
      for await (const batch of watch) {
        if (batch.events.length === 0) {
          yield batch;
          continue;
        }
        const open = opening(key);
        const opened = batch.events.map((event) => openEvent(event, open, request.ignoresPrevious === true));
        yield { ...batch, events: await Promise.all(opened) };
      }
    },
  };
}

/** Opened once for all who watch a resource: of what was before, a cache that follows has its own. */
async function openEvent(event: StoreEvent, openAny: Open, ignoresPrevious: boolean): Promise<StoreEvent> {
  const open = (item: Item) => readable(openAny(item), (reason) => untransformed(item.key, reason));
  if (event.type === "delete") return ignoresPrevious ? event : { ...event, previous: await open(event.previous) };
  const item = await open(event.item);
  if (!event.previous || ignoresPrevious) return { ...event, item };
  return { ...event, item, previous: await open(event.previous) };
}

async function readable<T>(attempt: Promise<T>, explain = (reason: string) => reason): Promise<T> {
  try {
    return await attempt;
  } catch (error) {
    throw unreadable(explain(errorMessage(error)), error);
  }
}

function unreadable(reason: string, cause: unknown): StatusError {
  return internalError(new Error(reason, { cause }));
}

function untransformed(key: string, reason: string): string {
  return `unable to transform key ${JSON.stringify(placeOf(key)?.upstreamKey(key) ?? key)}: ${reason}`;
}
