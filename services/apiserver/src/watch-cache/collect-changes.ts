import { StatusError } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import { isStoreError, type Store, type StoreEvent } from "@tskube/store";
import type { RingLimits } from "./event-ring.ts";

export interface CollectDeps {
  readonly store: Pick<Store, "watch">;
  readonly clock: Clock;
}

export interface ChangesRequest {
  readonly prefix: string;
  /** The changes wanted: above `after`, up to and with `upTo`. */
  readonly after: number;
  readonly upTo: number;
  /** More than this is not worth having. */
  readonly room: RingLimits;
}

/** A long history of other keys' changes has to be passed to find those of some. */
const timeoutMs = 3_000;

/**
 * Changes of the past, as the store still has them. Undefined when some are gone (compacted), when they are more than there is room for, or
 * when they do not come in time.
 */
export async function collectChanges(
  { store, clock }: CollectDeps,
  { prefix, after, upTo, room }: ChangesRequest,
): Promise<StoreEvent[] | undefined> {
  const stop = new AbortController();
  const cancel = clock.after(timeoutMs, () => stop.abort());
  const changes: StoreEvent[] = [];
  let bytes = 0;
  try {
    const watch = store.watch({ prefix, fromRevision: after + 1 }, stop.signal);
    watch.requestProgress(upTo);
    for await (const batch of watch) {
      for (const change of batch.events) {
        if (change.revision > upTo) return changes;
        bytes += valueIn(change).byteLength;
        if (changes.push(change) > room.events || bytes > room.bytes) return undefined;
      }
      if (batch.revision >= upTo) return changes;
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

function valueIn(change: StoreEvent): Buffer {
  return change.type === "put" ? change.item.value : change.previous.value;
}
