import type { Entry } from "./entry.ts";

export type EventType = "ADDED" | "MODIFIED" | "DELETED";

/** One change of a resource. */
export class CacheEvent {
  readonly type: EventType;
  readonly revision: number;
  /** The object after the change; for DELETED as it was last, under the revision of the deletion. */
  readonly entry: Entry;
  readonly previous: Entry | undefined;
  #gone: Entry | undefined;

  constructor(type: EventType, revision: number, entry: Entry, previous: Entry | undefined) {
    this.type = type;
    this.revision = revision;
    this.entry = entry;
    this.previous = previous;
  }

  /** What a watcher sees whose selector matched only the previous state: that state, under this event's revision. */
  get gone(): Entry {
    if (this.type === "DELETED" || !this.previous) return this.entry;
    this.#gone ??= this.previous.at(this.revision);
    return this.#gone;
  }
}

/** What an event is to a watcher that sees only some objects, or undefined if it is nothing to it. */
export function eventFor(
  event: CacheEvent,
  matches: (entry: Entry) => boolean,
): { readonly type: EventType; readonly entry: Entry } | undefined {
  const isMatch = event.type !== "DELETED" && matches(event.entry);
  const wasMatch = event.previous !== undefined && matches(event.previous);
  if (isMatch) return { type: wasMatch ? "MODIFIED" : "ADDED", entry: event.entry };
  return wasMatch ? { type: "DELETED", entry: event.gone } : undefined;
}
