import type { Item, StoreEvent } from "../../store.ts";
import {
  encodeExpiryKey,
  encodeLogEntry,
  encodeNumber,
  encodePosition,
  encodeState,
  encodeVersionKey,
  type KeyState,
} from "./records.ts";
import { metaKeys, type Snapshot, type Table, type Tables } from "./tables.ts";

interface Change {
  readonly state: KeyState | undefined;
  readonly value: Buffer;
}

const nothing = Buffer.alloc(0);

/**
 * What the next commit will write, and what the keys look like with it: jobs of one commit see each other's changes.
 * A job that throws before its first write leaves no trace.
 */
export class WriteBatch {
  readonly snapshot: Snapshot;
  readonly events: StoreEvent[] = [];
  readonly #changes = new Map<string, Change>();
  readonly #writes: Array<readonly [table: Table, key: Buffer, value: Buffer | undefined]> = [];
  #revision: number;
  #bytes = 0;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
    this.#revision = snapshot.revision;
  }

  /** The newest revision, with those of this batch. */
  get revision(): number {
    return this.#revision;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#writes.length === 0;
  }

  /** Begins a revision for the changes that follow. */
  nextRevision(): number {
    return ++this.#revision;
  }

  state(key: string): KeyState | undefined {
    const change = this.#changes.get(key);
    return change ? change.state : this.snapshot.state(key);
  }

  item(key: string): Item | undefined {
    const change = this.#changes.get(key);
    const state = change ? change.state : this.snapshot.state(key);
    if (!state) return undefined;
    const value = change ? change.value : this.snapshot.logEntry(state).value;
    return itemOf(key, state, value);
  }

  /** Changes a key to `state` and `value`, or deletes it, at (revision, index). */
  change(key: string, index: number, next: { state: KeyState; value: Buffer } | undefined): void {
    const { tables } = this.snapshot;
    const position = { revision: this.#revision, index };
    const previous = this.item(key);
    const previousState = this.state(key);
    const state = next?.state;
    const value = next?.value ?? nothing;
    this.put(tables.log, encodePosition(position), encodeLogEntry({ key, state, previous: previousState, value }));
    this.put(tables.versions, encodeVersionKey(key, position), state ? encodeState(state) : nothing);
    const keyBytes = Buffer.from(key);
    if (state) this.put(tables.current, keyBytes, encodeState(state));
    else this.remove(tables.current, keyBytes);
    if (previousState?.expiresAt) this.remove(tables.expiries, encodeExpiryKey(previousState.expiresAt, key));
    if (state?.expiresAt)
      this.put(tables.expiries, encodeExpiryKey(state.expiresAt, key), encodeNumber(state.revision));
    this.#changes.set(key, { state, value });
    this.events.push(eventOf(key, this.#revision, state && itemOf(key, state, value), previous));
  }

  put(table: Table, key: Buffer, value: Buffer): void {
    this.#writes.push([table, key, value]);
    this.#bytes += key.length + value.length;
  }

  remove(table: Table, key: Buffer): void {
    this.#writes.push([table, key, undefined]);
    this.#bytes += key.length;
  }

  /** Resolves when everything is on the disk; rejects with nothing written. */
  async commit(tables: Tables): Promise<void> {
    const parts = new Set<Promise<boolean>>();
    const whole = tables.root.batch(() => {
      for (const [table, key, value] of this.#writes) parts.add(value ? table.put(key, value) : table.remove(key));
      parts.add(tables.meta.put(metaKeys.revision, encodeNumber(this.#revision)));
    });
    // They fail with the whole, and nobody else would hear it.
    for (const part of parts) part.catch(() => {});
    await whole;
  }
}

export function itemOf(key: string, state: KeyState, value: Buffer): Item {
  return { key, value, modRevision: state.revision, createRevision: state.createRevision, version: state.version };
}

/** Every change of a key is a put with an item, or a delete of what was there. */
export function eventOf(key: string, revision: number, item: Item | undefined, previous: Item | undefined): StoreEvent {
  if (item) return previous ? { type: "put", key, revision, item, previous } : { type: "put", key, revision, item };
  if (!previous) throw new Error(`store deleted key ${key} that did not exist`);
  return { type: "delete", key, revision, previous };
}
