import { mkdirSync } from "node:fs";
import { type Database, open, type RootDatabase, type Transaction } from "lmdb";
import { decodeLogEntry, decodeNumber, decodeState, encodePosition, type KeyState, type LogEntry } from "./records.ts";

export type Table = Database<Buffer, Buffer>;

/** The LMDB environment of one directory and its tables; records.ts says what they hold. */
export interface Tables {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly meta: Table;
  readonly log: Table;
  readonly current: Table;
  readonly versions: Table;
  readonly expiries: Table;
}

/** Keys of the `meta` table. */
export const metaKeys = {
  revision: Buffer.from("revision"),
  compactedRevision: Buffer.from("compacted-revision"),
  /** Up to where the records that compaction makes superfluous are removed. */
  cleanedRevision: Buffer.from("cleaned-revision"),
  owner: Buffer.from("owner"),
};

/** The revision of a store that was never written, as etcd's: clients read meaning into a 0. */
const emptyRevision = 1;

const encoding = { encoding: "binary", keyEncoding: "binary" } as const;

/**
 * Address space for the file, which itself is as large as what it holds. A map that grows step by step leaves the former ones in place, and each
 * page counts as resident once for every map.
 */
const mapSize = 16 * 1024 ** 3;

export interface TablesOptions {
  /** Without it a crash of the machine loses what was written last: for tests. */
  readonly isDurable: boolean;
}

export function openTables(directory: string, options: TablesOptions): Tables {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // Committing only after the sync keeps readers from seeing what a crash could take back.
  const root = open<Buffer, Buffer>({
    path: directory,
    ...encoding,
    maxDbs: 8,
    noSubdir: false,
    overlappingSync: false,
    mapSize,
    noSync: !options.isDurable,
  });
  const table = (name: string): Table => root.openDB<Buffer, Buffer>({ name, ...encoding });
  return {
    root,
    meta: table("meta"),
    log: table("log"),
    current: table("current"),
    versions: table("versions"),
    expiries: table("expiries"),
  };
}

/** One moment of the tables: all reads through it see the same commit. */
export class Snapshot {
  readonly tables: Tables;
  readonly #transaction: Transaction;

  constructor(tables: Tables, transaction: Transaction) {
    this.tables = tables;
    this.#transaction = transaction;
  }

  get readOptions(): { readonly transaction: Transaction } {
    return { transaction: this.#transaction };
  }

  get revision(): number {
    return this.number(metaKeys.revision) || emptyRevision;
  }

  number(key: Buffer): number {
    const bytes = this.tables.meta.get(key, this.readOptions);
    return bytes ? decodeNumber(bytes) : 0;
  }

  state(key: string): KeyState | undefined {
    const bytes = this.tables.current.get(Buffer.from(key), this.readOptions);
    return bytes && decodeState(bytes);
  }

  logEntry(state: KeyState): LogEntry {
    const bytes = this.tables.log.get(encodePosition(state), this.readOptions);
    if (!bytes) throw new Error(`store has no log entry ${state.revision}/${state.index}`);
    return decodeLogEntry(bytes);
  }
}

/** Calls `read` with the newest commit; `read` must not wait. */
export function withSnapshot<T>(tables: Tables, read: (snapshot: Snapshot) => T): T {
  // What LMDB's binding keeps open within a turn of the event loop may be older than an acknowledged write.
  tables.root.resetReadTxn();
  const transaction = tables.root.useReadTransaction();
  try {
    return read(new Snapshot(tables, transaction));
  } finally {
    transaction.done();
  }
}
