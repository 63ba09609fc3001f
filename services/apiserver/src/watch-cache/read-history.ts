import { StatusError } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import { isStoreError, type Store, type StoreEvent } from "@tskube/store";
import { CacheEvent } from "./cache-event.ts";
import { type Describe, Entry } from "./entry.ts";
import type { RingLimits } from "./event-ring.ts";

export interface HistoryDeps {
  readonly store: Pick<Store, "watch">;
  readonly clock: Clock;
}

export interface HistoryRequest {
  /** Where the resource's keys begin in the store, with a closing slash. */
  readonly prefix: string;
  readonly describe: Describe;
  /** The events wanted: above `after`, up to and with `upTo`. */
  readonly after: number;
  readonly upTo: number;
  /** More than this is not worth keeping. */
  readonly room: RingLimits;
}

/** A long history of other resources' changes has to be passed to find those of one. */
const timeoutMs = 3_000;

/**
 * A resource's events of the past, as the store still has them. Undefined when some are gone (compacted), when they are more than there is
 * room for, or when they do not come in time.
 */
export async function readHistory(
  { store, clock }: HistoryDeps,
  { prefix, describe, after, upTo, room }: HistoryRequest,
): Promise<CacheEvent[] | undefined> {
  const stop = new AbortController();
  const cancel = clock.after(timeoutMs, () => stop.abort());
  const events: CacheEvent[] = [];
  let bytes = 0;
  try {
    const watch = store.watch({ prefix, fromRevision: after + 1 }, stop.signal);
    watch.requestProgress(upTo);
    for await (const batch of watch) {
      for (const stored of batch.events) {
        if (stored.revision > upTo) return events;
        const event = pastEvent(stored, prefix, describe);
        bytes += event.entry.bytes.byteLength;
        if (events.push(event) > room.events || bytes > room.bytes) return undefined;
      }
      if (batch.revision >= upTo) return events;
    }
    return undefined;
  } catch (error) {
    if (isStoreError(error, "compacted", "slowWatcher")) return undefined;
    // Values of the past may have been encrypted with a key that is gone.
    if (error instanceof StatusError) return undefined;
    throw error;
  } finally {
    cancel();
    stop.abort();
  }
}

function pastEvent(stored: StoreEvent, prefix: string, describe: Describe): CacheEvent {
  const key = stored.key.slice(prefix.length);
  const { revision, previous: before } = stored;
  const previous = before && Entry.fromStored(key, before.value, before.modRevision, describe);
  if (stored.type === "put") {
    const entry = Entry.fromStored(key, stored.item.value, revision, describe);
    return new CacheEvent(previous ? "MODIFIED" : "ADDED", revision, entry, previous);
  }
  const last = Entry.fromStored(key, stored.previous.value, stored.previous.modRevision, describe);
  return new CacheEvent("DELETED", revision, last.at(revision), last);
}
