import type { CacheEvent } from "./cache-event.ts";

export interface RingLimits {
  readonly events: number;
  readonly bytes: number;
}

/** The most recent events, bounded by number and by the bytes of their objects. */
export class EventRing {
  readonly #limits: RingLimits;
  #events: Array<CacheEvent | undefined> = [];
  #first = 0;
  #bytes = 0;
  #completeAfter: number;

  /** `completeAfter`: every event with a higher revision has been or will be added. */
  constructor(limits: RingLimits, completeAfter: number) {
    this.#limits = limits;
    this.#completeAfter = completeAfter;
  }

  /** Every event above this revision is still here. */
  get completeAfter(): number {
    return this.#completeAfter;
  }

  add(event: CacheEvent): void {
    this.#events.push(event);
    this.#bytes += event.entry.bytes.byteLength;
    while (this.#size > this.#limits.events || (this.#bytes > this.#limits.bytes && this.#size > 1)) this.#drop();
    // Dropped places are given back in bulk, so that dropping stays cheap.
    if (this.#first > 1024 && this.#first * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#first);
      this.#first = 0;
    }
  }

  /** What could still be put in front of the events that are here. */
  get room(): RingLimits {
    return { events: this.#limits.events - this.#size, bytes: this.#limits.bytes - this.#bytes };
  }

  /** Puts older events in front: all of those above `completeAfter` that the ring has not had. They have to fit in its `room`. */
  prepend(events: readonly CacheEvent[], completeAfter: number): void {
    this.#events = [...events, ...this.#events.slice(this.#first)];
    this.#first = 0;
    for (const event of events) this.#bytes += event.entry.bytes.byteLength;
    this.#completeAfter = completeAfter;
  }

  /** The events above `revision` in order, or undefined if some of them are gone. */
  since(revision: number): CacheEvent[] | undefined {
    if (revision < this.#completeAfter) return undefined;
    let low = this.#first;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle] as CacheEvent).revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low) as CacheEvent[];
  }

  get #size(): number {
    return this.#events.length - this.#first;
  }

  #drop(): void {
    const event = this.#events[this.#first] as CacheEvent;
    this.#completeAfter = event.revision;
    this.#bytes -= event.entry.bytes.byteLength;
    this.#events[this.#first] = undefined;
    this.#first++;
  }
}
