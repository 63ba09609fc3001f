import type { StoreEvent } from "../store.ts";

export interface RecentEventsOptions {
  readonly maxEvents?: number;
  readonly maxBytes?: number;
}

/** The newest events of a feed, within bounds of number and size. Whole revisions are dropped, never parts. */
export class RecentEvents {
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  #events: StoreEvent[] = [];
  /** Index of the oldest kept event: what is before it goes in one cut, so that adding stays cheap. */
  #head = 0;
  #bytes = 0;
  #completeAfter = 0;

  constructor(options: RecentEventsOptions = {}) {
    this.#maxEvents = options.maxEvents ?? 4096;
    this.#maxBytes = options.maxBytes ?? 16 * 1024 * 1024;
  }

  /** Every event of a later revision is kept. */
  get completeAfter(): number {
    return this.#completeAfter;
  }

  clear(completeAfter: number): void {
    this.#events = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#completeAfter = completeAfter;
  }

  add(event: StoreEvent): void {
    this.#events.push(event);
    this.#bytes += eventBytes(event);
    while (this.#events.length - this.#head > this.#maxEvents || this.#bytes > this.#maxBytes) this.#dropOldest();
    if (this.#head > this.#maxEvents) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
  }

  /** The kept events from `revision` on, oldest first. */
  from(revision: number): StoreEvent[] {
    let low = this.#head;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle] as StoreEvent).revision < revision) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low);
  }

  #dropOldest(): void {
    const oldest = this.#events[this.#head];
    if (!oldest) return;
    this.#completeAfter = oldest.revision;
    while (this.#events[this.#head]?.revision === oldest.revision) {
      this.#bytes -= eventBytes(this.#events[this.#head] as StoreEvent);
      this.#head++;
    }
  }
}

const overheadBytes = 200;

/** What an event takes in memory, near enough for bounding. */
export function eventBytes(event: StoreEvent): number {
  const value = event.type === "put" ? event.item.value.length : 0;
  return overheadBytes + value + (event.previous?.value.length ?? 0);
}
