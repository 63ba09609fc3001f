import type { Clock } from "@tskube/base";
import { type CacheEvent, type EventType, eventFor } from "./cache-event.ts";
import type { Encoding } from "./encoding.ts";
import type { Entry } from "./entry.ts";
import type { WatchMember } from "./watch-member.ts";

/** Which objects a watcher sees. Filters with equal keys match equally. */
export interface WatchFilter {
  readonly key: string;
  readonly matches: (entry: Entry) => boolean;
  /** A value of an indexed field that every match has: the watcher is asked only about events with it. */
  readonly trigger?: { readonly field: string; readonly value: string };
}

export interface WatchGroupOptions {
  readonly filter: WatchFilter;
  readonly encoding: Encoding;
  readonly hasBookmarks: boolean;
}

/** Events closer together than this leave in one write. */
const gatherMs = 4;

/** Watchers that see the same bytes: an event is matched and encoded once for all of them, and events due together are one write each. */
export class WatchGroup {
  readonly options: WatchGroupOptions;
  readonly #clock: Clock;
  readonly #members = new Set<WatchMember>();
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #flushedAt = Number.NEGATIVE_INFINITY;
  #cancelFlush: (() => void) | undefined;

  constructor(clock: Clock, options: WatchGroupOptions) {
    this.#clock = clock;
    this.options = options;
  }

  get size(): number {
    return this.#members.size;
  }

  /** The member gets everything that is added from now on. */
  add(member: WatchMember): void {
    this.flush();
    this.#members.add(member);
  }

  remove(member: WatchMember): void {
    this.#members.delete(member);
    if (this.#members.size === 0) this.#drop();
  }

  /** Takes an event in; returns how many watchers will see it. */
  onEvent(event: CacheEvent): number {
    const seen = eventFor(event, this.options.filter.matches);
    if (!seen) return 0;
    this.#push(this.eventParts(seen.type, seen.entry));
    return this.#members.size;
  }

  eventParts(type: EventType, entry: Entry): readonly Buffer[] {
    return this.options.encoding.event(type, entry);
  }

  onBookmark(revision: number): void {
    if (this.options.hasBookmarks) this.#push([this.options.encoding.bookmark(revision, false)]);
  }

  /** Writes what has gathered to every member. */
  flush(): void {
    if (this.#pending.length === 0) return;
    const chunk = Buffer.concat(this.#pending, this.#pendingBytes);
    this.#drop();
    this.#flushedAt = this.#clock.monotonic();
    for (const member of this.#members) member.deliver(chunk);
  }

  /** Ends all members: with `last` after what has gathered, or at once. */
  end(last: Buffer | undefined): void {
    this.flush();
    for (const member of [...this.#members]) {
      if (last) member.end(last);
      else member.cut();
    }
  }

  #push(parts: readonly Buffer[]): void {
    for (const part of parts) {
      this.#pending.push(part);
      this.#pendingBytes += part.byteLength;
    }
    // A lone event leaves with its batch; one that follows closely waits for its neighbours.
    const waitMs = Math.max(0, this.#flushedAt + gatherMs - this.#clock.monotonic());
    this.#cancelFlush ??= this.#clock.after(waitMs, () => this.flush());
  }

  #drop(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}
