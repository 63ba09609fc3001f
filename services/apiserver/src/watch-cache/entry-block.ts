import type { Entry } from "./entry.ts";

/**
 * A run of neighbours in the order of keys. Bytes that were made of the whole run are kept until one of its objects changes, so that a long
 * list is a few large buffers instead of thousands of small ones.
 */
export class EntryBlock {
  readonly #entries: Entry[];
  readonly #joined = new Map<string, Buffer>();

  constructor(entries: Entry[]) {
    this.#entries = entries;
    for (const entry of entries) entry.block = this;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** What `join` makes of the run, made once for each `form` while nothing changes. */
  joined(form: string, join: (entries: readonly Entry[]) => Buffer): Buffer {
    let bytes = this.#joined.get(form);
    if (!bytes) {
      bytes = join(this.#entries);
      this.#joined.set(form, bytes);
    }
    return bytes;
  }

  /** Whether the whole run stands in `list` from `at` on. */
  standsIn(list: readonly Entry[], at: number): boolean {
    const { length } = this.#entries;
    // The last one tells most lists that hold only some of the run.
    if (length === 0 || list[at + length - 1] !== this.#entries[length - 1]) return false;
    for (let i = 0; i < length; i++) if (list[at + i] !== this.#entries[i]) return false;
    return true;
  }

  /** Takes out `removed` entries at a place and puts others there. */
  splice(at: number, removed: number, ...added: Entry[]): void {
    for (const entry of this.#entries.splice(at, removed, ...added)) entry.block = undefined;
    for (const entry of added) entry.block = this;
    this.#joined.clear();
  }

  /** Gives the second half of the run away to a new block. */
  split(): EntryBlock {
    const rest = this.#entries.splice(this.#entries.length >> 1);
    this.#joined.clear();
    return new EntryBlock(rest);
  }
}
