import { statfs } from "node:fs/promises";
import { type Clock, Closer, type Logger, silentLogger, systemClock } from "@tskube/base";
import { StoreError } from "../../errors.ts";
import { checkTxn } from "../../limits.ts";
import type {
  GetResult,
  RangeRequest,
  RangeResult,
  ReadOptions,
  Store,
  TxnRequest,
  TxnResult,
  Watch,
  WatchRequest,
} from "../../store.ts";
import { WatchHub } from "../../watch/hub.ts";
import { defaultWatchLimits, watchHub } from "../../watch/hub-watch.ts";
import type { SubscriptionLimits } from "../../watch/subscription.ts";
import { Committer } from "./committer.ts";
import { beginCompaction, cleanStep } from "./compaction.ts";
import { lockDirectory } from "./directory-lock.ts";
import { startExpiry } from "./expiry.ts";
import { logHistory } from "./log-history.ts";
import { readKey, readRange } from "./read.ts";
import { openTables, type Snapshot, type Tables, withSnapshot } from "./tables.ts";
import { writeTxn } from "./write-txn.ts";

export interface EmbeddedStoreOptions {
  /** The store's own directory; created when missing. */
  readonly directory: string;
  /** False leaves syncing to the operating system, for tests: a crash of the machine then loses writes. */
  readonly isDurable?: boolean;
  readonly watchLimits?: SubscriptionLimits;
}

export interface EmbeddedStoreDeps {
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Opens a store in a directory of this machine; fails with `locked` while another process has it open. */
export async function openEmbeddedStore(options: EmbeddedStoreOptions, deps: EmbeddedStoreDeps = {}): Promise<Store> {
  const closer = new Closer();
  try {
    return await openInto(closer, options, deps);
  } catch (error) {
    await closer.close();
    if (error instanceof StoreError) throw error;
    throw new StoreError("internal", `cannot open the store in ${options.directory}`, { cause: error });
  }
}

async function openInto(closer: Closer, options: EmbeddedStoreOptions, deps: EmbeddedStoreDeps): Promise<Store> {
  const { clock = systemClock, logger = silentLogger } = deps;
  const tables = openTables(options.directory, { isDurable: options.isDurable ?? true });
  closer.add(() => tables.root.close());
  closer.add(await lockDirectory(options.directory, tables));

  const hub = new WatchHub();
  hub.start(withSnapshot(tables, (snapshot) => snapshot.revision));
  const committer = new Committer({
    tables,
    freeBytes: () => freeBytes(options.directory),
    onCommit: (events, revision) => hub.publish(events, revision),
  });
  closer.add(committer);
  closer.add(startExpiry({ tables, committer, clock, logger }));
  const cleaner = startCleaning(committer, logger);
  closer.add(() => cleaner.idle());
  cleaner.wake(); // what a crash left over
  closer.add(() => hub.fail(closedError()));
  return new EmbeddedStore({
    tables,
    hub,
    committer,
    clock,
    cleaner,
    limits: options.watchLimits ?? defaultWatchLimits,
    closer,
  });
}

interface EmbeddedParts {
  readonly tables: Tables;
  readonly hub: WatchHub;
  readonly committer: Committer;
  readonly clock: Clock;
  readonly cleaner: Cleaner;
  readonly limits: SubscriptionLimits;
  readonly closer: Closer;
}

class EmbeddedStore implements Store {
  readonly #parts: EmbeddedParts;
  #isClosed = false;

  constructor(parts: EmbeddedParts) {
    this.#parts = parts;
  }

  currentRevision(): Promise<number> {
    return this.#read((snapshot) => snapshot.revision);
  }

  get(key: string, options: ReadOptions = {}): Promise<GetResult> {
    return this.#read((snapshot) => readKey(snapshot, key, options.revision));
  }

  range(request: RangeRequest): Promise<RangeResult> {
    return this.#read((snapshot) => readRange(snapshot, request));
  }

  async txn(request: TxnRequest): Promise<TxnResult> {
    checkTxn(request);
    return this.#parts.committer.submit(writeTxn(request, this.#parts.clock.now()));
  }

  watch(request: WatchRequest, signal: AbortSignal): Watch {
    const { hub, tables, limits } = this.#parts;
    return watchHub({ hub, history: logHistory(tables), limits }, request, signal);
  }

  async compact(revision: number): Promise<void> {
    if (await this.#parts.committer.submit(beginCompaction(revision))) this.#parts.cleaner.wake();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#parts.closer.close();
  }

  async #read<T>(read: (snapshot: Snapshot) => T): Promise<T> {
    if (this.#isClosed) throw closedError();
    return withSnapshot(this.#parts.tables, read);
  }
}

async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

interface Cleaner {
  /** Starts removing what compaction made superfluous, unless that is going on. */
  wake(): void;
  /** Resolves when nothing is being removed. */
  idle(): Promise<void>;
}

function startCleaning(committer: Committer, logger: Logger): Cleaner {
  let running: Promise<void> | undefined;
  const clean = async () => {
    try {
      while (await committer.submit(cleanStep()));
    } catch (err) {
      if (!(err instanceof StoreError && err.code === "closed"))
        logger.warn({ err }, "cannot remove compacted history");
    } finally {
      running = undefined;
    }
  };
  return {
    wake() {
      running ??= clean();
    },
    idle: async () => running,
  };
}

function closedError(): StoreError {
  return new StoreError("closed", "store is closed");
}
