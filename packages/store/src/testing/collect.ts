import type { StoreEvent, Watch, WatchBatch } from "../store.ts";

/** Takes batches until `isEnough` says so of all events so far; throws what the watch fails with. */
export async function collectEvents(
  watch: Watch,
  isEnough: (events: readonly StoreEvent[], batch: WatchBatch) => boolean,
): Promise<StoreEvent[]> {
  const events: StoreEvent[] = [];
  for await (const batch of watch) {
    events.push(...batch.events);
    if (isEnough(events, batch)) break;
  }
  return events;
}

/** All events up to `revision`, known to be complete. */
export function collectUntil(watch: Watch, revision: number): Promise<StoreEvent[]> {
  watch.requestProgress(revision);
  return collectEvents(watch, (_, batch) => batch.revision >= revision);
}

/** An event in short: `put a=1 (was 0)`, `delete a (was 1)`. */
export function eventText(event: StoreEvent): string {
  const was = event.previous ? ` (was ${event.previous.value})` : "";
  return event.type === "put" ? `put ${event.key}=${event.item.value}${was}` : `delete ${event.key}${was}`;
}
