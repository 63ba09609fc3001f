import type { StoreEvent } from "@tskube/store";
import { CacheEvent } from "./cache-event.ts";
import { type ChangesRequest, type CollectDeps, collectChanges } from "./collect-changes.ts";
import { type Describe, Entry } from "./entry.ts";
import type { SharedHistory } from "./shared-history.ts";

export interface HistoryDeps extends CollectDeps {
  /** Asked first, where caches of the same store have one together. */
  readonly history?: SharedHistory;
}

export interface HistoryRequest extends ChangesRequest {
  readonly describe: Describe;
}

/** A resource's events of the past, as far as the store has them; undefined when they are not complete, or more than there is room for. */
export async function readHistory(deps: HistoryDeps, request: HistoryRequest): Promise<CacheEvent[] | undefined> {
  const { prefix, after, upTo, describe } = request;
  const changes = (await deps.history?.read(prefix, after, upTo)) ?? (await collectChanges(deps, request));
  return changes?.map((change) => pastEvent(change, prefix, describe));
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
