import type { KubeObject } from "@tskube/api";
import { StatusError } from "@tskube/apimachinery";
import { backoffMs, type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import { isStoreError, type Store, type StoreEvent, type Watch, type WatchBatch } from "@tskube/store";
import { AnnouncedWrites } from "./announced-writes.ts";
import { CacheEvent } from "./cache-event.ts";
import { type Describe, Entry } from "./entry.ts";
import { EventRing, type RingLimits } from "./event-ring.ts";
import { ListSnapshots } from "./list-snapshots.ts";
import { ObjectIndex } from "./object-index.ts";
import { readHistory } from "./read-history.ts";
import { RevisionGate } from "./revision-gate.ts";
import type { SharedHistory } from "./shared-history.ts";

export interface WatchCacheDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What the caches of one store have together of its past. */
  readonly history?: SharedHistory;
}

export interface WatchCacheOptions {
  /** Where the resource's keys begin in the store, with a closing slash. */
  readonly prefix: string;
  readonly describe: Describe;
  /** Fields by whose value lists and watches are found without a walk over all objects. */
  readonly indexedFields: readonly string[];
  readonly ring?: RingLimits;
}

/** Hears of everything that happens to a cache. */
export interface CacheListener {
  /** Events in order; `revision` is what the cache now stands at. */
  onBatch(events: readonly CacheEvent[], revision: number): void;
  /** History was lost: what comes next does not join what came before. */
  onReset(): void;
}

const defaultRing: RingLimits = { events: 8192, bytes: 32 * 1024 * 1024 };
const retry = { baseMs: 50, maxMs: 5_000 };
const pageSize = 2_000;

/**
 * A resource's objects as the store has them, kept up by one watch of the store.
 *
 * 1. The index holds exactly what the store held at `revision`, which never falls while the process lives.
 * 2. Listeners are called synchronously right after the index changed: whoever reads the index and adds a listener in one turn of the
 *    event loop misses nothing and sees nothing twice.
 * 3. The ring has every event above its `completeAfter`.
 */
export class WatchCache {
  readonly options: WatchCacheOptions;
  /** Lists that clients read page by page. */
  readonly snapshots: ListSnapshots;
  readonly #deps: WatchCacheDeps;
  readonly #index: ObjectIndex;
  readonly #gate: RevisionGate;
  readonly #listeners = new Set<CacheListener>();
  readonly #announced = new AnnouncedWrites();
  #ring: EventRing;
  #watch: Watch | undefined;
  #isReady = false;
  /** The store holds values that cannot be read: only the store can say of each object whether it is one of them. */
  #isUnreadable = false;
  #recall: Promise<void> = Promise.resolve();
  /** Neither the ring nor the store has all events above this revision or an older one. */
  #lostAt = 0;

  constructor(deps: WatchCacheDeps, options: WatchCacheOptions) {
    this.#deps = deps;
    this.options = options;
    this.snapshots = new ListSnapshots(deps.clock);
    this.#index = new ObjectIndex(options.indexedFields);
    this.#gate = new RevisionGate(deps.clock);
    this.#ring = new EventRing(options.ring ?? defaultRing, 0);
  }

  get revision(): number {
    return this.#gate.revision;
  }

  /**
   * Tells of an object that this server is about to write as `value`, so that its event costs less; nothing depends on it. Call what it
   * returns when the write did not happen.
   */
  announce(key: string, value: Buffer, object: KubeObject): () => void {
    this.#announced.announce(key, value, this.options.describe(object));
    return () => this.#announced.retract(key, value);
  }

  /** Whether the first list has been read. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Whether the store holds values that cannot be read. */
  get isUnreadable(): boolean {
    return this.#isUnreadable;
  }

  get size(): number {
    return this.#index.size;
  }

  get(key: string): Entry | undefined {
    return this.#index.get(key);
  }

  list(namespace?: string): Entry[] {
    return this.#index.list(namespace);
  }

  /** Undefined when the field has no index. */
  listByField(field: string, value: string): Entry[] | undefined {
    return this.#index.listByField(field, value);
  }

  /** The events above `revision`, or undefined when they are no longer complete. */
  eventsSince(revision: number): CacheEvent[] | undefined {
    return this.#ring.since(revision);
  }

  /** The lowest revision that a watch can start from. */
  get oldestRevision(): number {
    return this.#ring.completeAfter;
  }

  /**
   * Brings back the events above `revision` from the store's history, as far as they are still there and the ring has room: a server that
   * has just started knows nothing of what its clients saw before. Those who ask at the same time share the work.
   */
  recall(revision: number): Promise<void> {
    if (!this.#needsRecall(revision)) return Promise.resolve();
    const recall = this.#recall.then(() => this.#readBack(revision));
    this.#recall = recall.catch(() => {}); // the next in line is not concerned
    return recall;
  }

  #needsRecall(revision: number): boolean {
    return this.#isReady && revision < this.#ring.completeAfter && revision > this.#lostAt;
  }

  async #readBack(after: number): Promise<void> {
    if (!this.#needsRecall(after)) return;
    const ring = this.#ring;
    const upTo = ring.completeAfter;
    const { prefix, describe } = this.options;
    const events = await readHistory(this.#deps, { prefix, describe, after, upTo, room: ring.room });
    // What came meanwhile may have pushed events out, or the ring may be another one.
    if (ring !== this.#ring || ring.completeAfter !== upTo) return;
    if (events && fits(events, ring.room)) ring.prepend(events, after);
    else this.#lostAt = Math.max(this.#lostAt, after);
  }

  listen(listener: CacheListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits until the cache holds everything that the store held when it was asked. Returns whether it does within the time. */
  async fresh(timeoutMs: number): Promise<boolean> {
    return this.waitFor(await this.#deps.store.currentRevision(), timeoutMs);
  }

  /** Waits until the cache stands at `revision` or later. Returns whether it does within the time and before `signal` aborts. */
  waitFor(revision: number, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    if (this.#isReady && this.#gate.revision >= revision) return Promise.resolve(true);
    if (this.#isUnreadable) return Promise.resolve(false);
    this.#watch?.requestProgress(revision);
    return this.#gate.wait(revision, timeoutMs, signal);
  }

  /** Resolves once the first list has been read or found unreadable, or `signal` aborts. */
  async whenReady(signal: AbortSignal): Promise<void> {
    while (!this.#isReady && !this.#isUnreadable && !signal.aborted) await this.#gate.wait(0, 1_000);
  }

  /** Follows the store until `signal` aborts, through lost connections and compactions. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#runUntilAborted(signal);
    } finally {
      this.snapshots.close();
    }
  }

  async #runUntilAborted(signal: AbortSignal): Promise<void> {
    let from: number | undefined;
    for (let failures = 0; !signal.aborted; ) {
      try {
        from ??= await this.#readAll(signal);
        failures = 0;
        await this.#follow(from, signal);
        return;
      } catch (error) {
        if (signal.aborted || isStoreError(error, "closed")) return;
        if (error instanceof StatusError) this.#giveUp();
        from = this.#resumeAt(error);
        this.#deps.logger.warn({ prefix: this.options.prefix, reason: errorMessage(error) }, "store watch interrupted");
        await sleep(this.#deps.clock, backoffMs(failures++, retry), signal);
      }
    }
  }

  /** After a value that cannot be read: readers are sent to the store, and watchers begin anew when all can be read again. */
  #giveUp(): void {
    this.#isUnreadable = true;
    this.#gate.release();
    if (!this.#isReady) return;
    this.#isReady = false;
    for (const listener of this.#listeners) listener.onReset();
  }

  /** Where a new watch can take over, or undefined if everything must be read anew. */
  #resumeAt(error: unknown): number | undefined {
    if (!this.#isReady || isStoreError(error, "compacted")) return undefined;
    return this.#gate.revision + 1;
  }

  async #readAll(signal: AbortSignal): Promise<number> {
    const { prefix, describe } = this.options;
    const entries: Entry[] = [];
    let revision: number | undefined;
    for (let start = prefix, more = true; more; ) {
      const page = await this.#deps.store.range({
        prefix,
        start,
        limit: pageSize,
        ...(revision === undefined ? {} : { revision }),
      });
      signal.throwIfAborted();
      revision ??= page.revision;
      for (const item of page.items) {
        entries.push(Entry.fromStored(item.key.slice(prefix.length), item.value, item.modRevision, describe));
        start = `${item.key}\0`;
      }
      more = page.more;
    }
    this.#replace(entries, revision ?? 0);
    return (revision ?? 0) + 1;
  }

  #replace(entries: readonly Entry[], revision: number): void {
    this.#index.clear();
    for (const entry of entries) this.#index.set(entry);
    this.#ring = new EventRing(this.options.ring ?? defaultRing, revision);
    // Who joined while nothing could be read has not been told what happened meanwhile.
    if (this.#isReady || this.#isUnreadable) for (const listener of this.#listeners) listener.onReset();
    this.#isReady = true;
    this.#isUnreadable = false;
    this.#gate.advance(revision);
  }

  async #follow(fromRevision: number, signal: AbortSignal): Promise<void> {
    const watch = this.#deps.store.watch({ prefix: this.options.prefix, fromRevision, ignoresPrevious: true }, signal);
    this.#watch = watch;
    try {
      for (const wanted of this.#gate.wanted) watch.requestProgress(wanted);
      for await (const batch of watch) this.#apply(batch);
    } finally {
      this.#watch = undefined;
    }
  }

  #apply(batch: WatchBatch): void {
    const events: CacheEvent[] = [];
    for (const stored of batch.events) {
      const event = this.#change(stored);
      if (!event) continue;
      this.#ring.add(event);
      events.push(event);
    }
    this.#gate.advance(batch.revision);
    for (const listener of this.#listeners) listener.onBatch(events, batch.revision);
  }

  #change(stored: StoreEvent): CacheEvent | undefined {
    const key = stored.key.slice(this.options.prefix.length);
    if (stored.type === "delete") {
      const previous = this.#index.delete(key);
      if (!previous) return undefined;
      return new CacheEvent("DELETED", stored.revision, previous.at(stored.revision), previous);
    }
    const { value } = stored.item;
    const selectable = this.#announced.take(key, value) ?? this.options.describe;
    const entry = Entry.fromStored(key, value, stored.revision, selectable);
    const previous = this.#index.set(entry);
    return new CacheEvent(previous ? "MODIFIED" : "ADDED", stored.revision, entry, previous);
  }
}

function fits(events: readonly CacheEvent[], room: RingLimits): boolean {
  return (
    events.length <= room.events && events.reduce((sum, { entry }) => sum + entry.bytes.byteLength, 0) <= room.bytes
  );
}
