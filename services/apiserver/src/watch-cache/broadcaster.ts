import type { Clock } from "@tskube/base";
import type { CacheEvent } from "./cache-event.ts";
import type { CacheListener } from "./watch-cache.ts";
import { WatchGroup, type WatchGroupOptions } from "./watch-group.ts";
import type { WatchMember } from "./watch-member.ts";

export interface BroadcasterDeps {
  readonly clock: Clock;
  /** Brings the cache to the store's present revision, so that bookmarks of a quiet resource are not old. Never rejects. */
  readonly refresh: () => Promise<unknown>;
  /** Told how many event deliveries a batch made. */
  readonly onDelivered: (events: number) => void;
}

const bookmarkMs = 60_000;

/** Hands a resource's events to its watchers, asking only the groups that an event can concern. */
export class Broadcaster implements CacheListener {
  readonly #deps: BroadcasterDeps;
  readonly #groups = new Map<string, WatchGroup>();
  readonly #untriggered = new Set<WatchGroup>();
  readonly #triggered = new Map<string, Map<string, Set<WatchGroup>>>();
  #revision = 0;
  #untriggeredWatchers = 0;
  #cancelBookmarks: (() => void) | undefined;

  constructor(deps: BroadcasterDeps) {
    this.#deps = deps;
  }

  get watchers(): number {
    let count = 0;
    for (const group of this.#groups.values()) count += group.size;
    return count;
  }

  /** The watchers that every event can concern, for none names a value that its objects must have. */
  get untriggeredWatchers(): number {
    return this.#untriggeredWatchers;
  }

  /** Adds a member that sees every event from now on; it leaves with `leave`. */
  join(options: WatchGroupOptions, member: WatchMember): { leave(): void } {
    const key = `${options.encoding.key}|${options.hasBookmarks}|${options.filter.key}`;
    const group = this.#groups.get(key) ?? this.#addGroup(key, options);
    group.add(member);
    const counted = options.filter.trigger ? 0 : 1;
    this.#untriggeredWatchers += counted;
    this.#cancelBookmarks ??= this.#deps.clock.after(bookmarkMs, () => this.#bookmark());
    return {
      leave: () => {
        group.remove(member);
        this.#untriggeredWatchers -= counted;
        if (group.size === 0 && this.#groups.get(key) === group) this.#removeGroup(key, group);
      },
    };
  }

  onBatch(events: readonly CacheEvent[], revision: number): void {
    this.#revision = revision;
    if (this.#groups.size === 0) return;
    let delivered = 0;
    for (const event of events) {
      for (const group of this.#untriggered) delivered += group.onEvent(event);
      if (this.#triggered.size > 0) for (const group of this.#concerned(event)) delivered += group.onEvent(event);
    }
    if (delivered > 0) this.#deps.onDelivered(delivered);
  }

  onReset(): void {
    this.end(false);
  }

  /** Ends all watches: properly, or by cutting them. */
  end(properly: boolean): void {
    for (const group of [...this.#groups.values()]) group.end(properly ? Buffer.alloc(0) : undefined);
    this.#cancelBookmarks?.();
    this.#cancelBookmarks = undefined;
  }

  /** The groups whose trigger value the object has, or had before. */
  #concerned(event: CacheEvent): Set<WatchGroup> {
    const groups = new Set<WatchGroup>();
    for (const [field, values] of this.#triggered) {
      for (const entry of [event.entry, event.previous]) {
        const value = entry?.fields[field];
        if (value !== undefined) for (const group of values.get(value) ?? []) groups.add(group);
      }
    }
    return groups;
  }

  #addGroup(key: string, options: WatchGroupOptions): WatchGroup {
    const group = new WatchGroup(this.#deps.clock, options);
    this.#groups.set(key, group);
    const { trigger } = options.filter;
    if (!trigger) {
      this.#untriggered.add(group);
      return group;
    }
    const values = this.#triggered.get(trigger.field) ?? new Map<string, Set<WatchGroup>>();
    this.#triggered.set(trigger.field, values);
    const groups = values.get(trigger.value) ?? new Set<WatchGroup>();
    values.set(trigger.value, groups.add(group));
    return group;
  }

  #removeGroup(key: string, group: WatchGroup): void {
    this.#groups.delete(key);
    this.#untriggered.delete(group);
    const { trigger } = group.options.filter;
    const values = trigger && this.#triggered.get(trigger.field);
    const groups = values?.get(trigger?.value ?? "");
    groups?.delete(group);
    if (groups?.size === 0) values?.delete(trigger?.value ?? "");
    if (values?.size === 0) this.#triggered.delete(trigger?.field ?? "");
  }

  #bookmark(): void {
    this.#cancelBookmarks = undefined;
    if (this.#groups.size === 0) return;
    this.#cancelBookmarks = this.#deps.clock.after(bookmarkMs, () => this.#bookmark());
    void this.#deps.refresh().then(() => {
      for (const group of this.#groups.values()) group.onBookmark(this.#revision);
    });
  }
}
