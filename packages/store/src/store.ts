import type { KeyRange } from "./keys.ts";

/**
 * A map from string keys to byte values whose every change has a revision.
 *
 * 1. A revision is a positive integer. Each transaction that changes anything takes the next one; all its changes share it.
 * 2. Reads without a revision are linearizable: they see every write acknowledged before they began.
 * 3. A write is acknowledged only when it is durable.
 * 4. History is kept until it is compacted: up to then, reads at a revision and watches from a revision see exactly
 *    what was, also after a restart.
 * 5. Keys are ordered by their UTF-8 bytes.
 *
 * Every method rejects with `StoreError` alone. Values handed in or out are shared and must not be modified.
 */
export interface Store {
  /** The newest revision; linearizable. Concurrent callers may share one request. */
  currentRevision(): Promise<number>;

  /** One key, now or at `revision`. */
  get(key: string, options?: ReadOptions): Promise<GetResult>;

  /** The keys of a range in order, now or at a revision. */
  range(request: RangeRequest): Promise<RangeResult>;

  /** Carries out all `writes` if every condition holds, and otherwise nothing, telling what stands there instead. */
  txn(request: TxnRequest): Promise<TxnResult>;

  /**
   * Every change of the range's keys from `fromRevision` on, in order. Iterate it once; it ends without an error when
   * `signal` aborts, and leaving the loop ends it too. It survives lost connections by itself. It fails with
   * `compacted` when history from `fromRevision` on is no longer complete, with `slowWatcher` when the consumer falls
   * too far behind, and with `closed` when the store closes.
   */
  watch(request: WatchRequest, signal: AbortSignal): Watch;

  /**
   * Forgets history: afterwards reads below `revision`, and watches from `revision` or below, fail with `compacted`.
   * Compacting where history is already gone changes nothing. Fails with `futureRevision` above the current one.
   */
  compact(revision: number): Promise<void>;

  /** Ends watches, waits for accepted writes, and lets go of everything. Safe to call twice. */
  close(): Promise<void>;
}

export interface Item {
  readonly key: string;
  /** Empty when only keys were asked for. */
  readonly value: Buffer;
  /** Revision of the last change: what a conditional write compares. */
  readonly modRevision: number;
  /** Revision at which the key came into being, the last time. */
  readonly createRevision: number;
  /** Number of writes since then, 1 for the first. */
  readonly version: number;
  /** Set by stores that keep values in another form than they give out: this one would be written in another form now. */
  readonly isStale?: boolean;
}

export interface ReadOptions {
  /** Reads what was at this revision; the present when absent. */
  readonly revision?: number;
}

export interface GetResult {
  readonly item: Item | undefined;
  /** The store's newest revision when it was read, whichever revision was asked for. */
  readonly revision: number;
}

export type RangeRequest = KeyRange &
  ReadOptions & {
    /** At most so many items; all when absent. */
    readonly limit?: number;
    /** Leaves the values out. */
    readonly keysOnly?: boolean;
    /** Leaves the items out: only `remaining` and `revision` count. */
    readonly countOnly?: boolean;
  };

export interface RangeResult {
  readonly items: readonly Item[];
  /** The store's newest revision when it was read. */
  readonly revision: number;
  /** Whether the limit left keys out. */
  readonly more: boolean;
  /** How many keys of the range were left out (with `countOnly`, all of them). */
  readonly remaining: number;
}

/** Holds when the key's last change was at `modRevision`; 0 stands for a key that does not exist. */
export interface Condition {
  readonly key: string;
  readonly modRevision: number;
}

export interface PutOperation {
  readonly type: "put";
  readonly key: string;
  readonly value: Uint8Array;
  /**
   * Deletes the key after so many seconds without a further write: not before, and at most a tenth of the time (or a
   * minute, if that is less) and a few seconds later. A later put without it lets the key stay.
   */
  readonly ttlSeconds?: number;
}

/** Deleting what does not exist is no change. */
export interface DeleteOperation {
  readonly type: "delete";
  readonly key: string;
}

export type WriteOperation = PutOperation | DeleteOperation;

export interface TxnRequest {
  readonly conditions: readonly Condition[];
  /** Each key at most once. */
  readonly writes: readonly WriteOperation[];
}

export type TxnResult =
  /** `revision` is that of the changes, or the current one if nothing changed. */
  | { readonly succeeded: true; readonly revision: number }
  /** `current` has what stands at each condition's key, in their order. */
  | { readonly succeeded: false; readonly revision: number; readonly current: readonly (Item | undefined)[] };

export type WatchRequest = KeyRange & {
  /** The first revision of interest: after a read, its `revision` + 1. May lie in the future. */
  readonly fromRevision: number;
  /** Values of `previous` are not looked at: stores that keep values in another form may leave them in it. */
  readonly ignoresPrevious?: boolean;
};

export interface Watch extends AsyncIterable<WatchBatch> {
  /**
   * Asks for a batch with `revision` at least so high, without events if there are none, as soon as it is known that
   * nothing up to there is missing. To read from a cache as if from the store: `rev = await store.currentRevision()`,
   * then `requestProgress(rev)` and wait until the cache has seen a batch of that revision or a later one. Costs no
   * request of its own.
   */
  requestProgress(revision: number): void;
}

/** Changes in order of revision; those of one revision are never spread over two batches. */
export interface WatchBatch {
  readonly events: readonly StoreEvent[];
  /** Everything that concerns the watch up to this revision has been delivered with this batch. Never falls. */
  readonly revision: number;
}

export type StoreEvent =
  /** `previous` is absent exactly when the key was created. */
  | {
      readonly type: "put";
      readonly key: string;
      readonly revision: number;
      readonly item: Item;
      readonly previous?: Item;
    }
  | { readonly type: "delete"; readonly key: string; readonly revision: number; readonly previous: Item };
