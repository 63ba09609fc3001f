import type { Entry } from "./entry.ts";
import { EntryBlock } from "./entry-block.ts";

/** A block of this many objects is split. Half a megabyte of pods: large enough to be sent as it is, small enough to be made anew. */
const maxBlockEntries = 128;

/** Entries in the order of their keys, in blocks: none is empty, and each one's keys are below those of the next. */
export class SortedEntries {
  #blocks: EntryBlock[] = [];

  /** Puts an entry in its place, instead of the one with its key. */
  set(entry: Entry): void {
    const index = this.#blockFor(entry.key);
    const block = this.#blocks[index];
    if (!block) {
      this.#blocks.push(new EntryBlock([entry]));
      return;
    }
    const at = lowerBound(block.entries, entry.key);
    block.splice(at, block.entries[at]?.key === entry.key ? 1 : 0, entry);
    if (block.entries.length > maxBlockEntries) this.#blocks.splice(index + 1, 0, block.split());
  }

  delete(key: string): void {
    const index = this.#blockFor(key);
    const block = this.#blocks[index];
    const at = block ? lowerBound(block.entries, key) : 0;
    if (!block || block.entries[at]?.key !== key) return;
    block.splice(at, 1);
    if (block.entries.length === 0) this.#blocks.splice(index, 1);
  }

  clear(): void {
    this.#blocks = [];
  }

  /** The entries whose keys are at least `from` and below `to`; all without them. */
  list(from?: string, to?: string): Entry[] {
    const found: Entry[] = [];
    for (let index = from === undefined ? 0 : this.#blockFor(from); index < this.#blocks.length; index++) {
      const { entries } = this.#blocks[index] as EntryBlock;
      const start = from === undefined ? 0 : lowerBound(entries, from);
      const end = to === undefined ? entries.length : lowerBound(entries, to);
      for (let at = start; at < end; at++) found.push(entries[at] as Entry);
      if (end < entries.length) break;
    }
    return found;
  }

  /** The last block that begins at or before `key`, or the first one. */
  #blockFor(key: string): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (((this.#blocks[middle] as EntryBlock).entries[0] as Entry).key <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

/** The first place whose key is not below `key`. */
export function lowerBound(entries: readonly Entry[], key: string): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle] as Entry).key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
