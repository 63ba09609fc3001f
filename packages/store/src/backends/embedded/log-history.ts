import { compacted } from "../../errors.ts";
import type { KeyRange } from "../../keys.ts";
import type { StoreEvent, WatchBatch } from "../../store.ts";
import type { History } from "../../watch/hub-watch.ts";
import { Subscription } from "../../watch/subscription.ts";
import { decodeLogEntry, decodePosition, encodePosition, type LogEntry } from "./records.ts";
import { metaKeys, type Snapshot, type Tables, withSnapshot } from "./tables.ts";
import { eventOf, itemOf } from "./write-batch.ts";

/** Log entries looked at before other work gets its turn. */
const entriesPerBatch = 500;

/** Reads past events back from the log. */
export function logHistory(tables: Tables): History {
  return {
    async *read(range, fromRevision, signal) {
      const matches = matcher(range, fromRevision);
      let next = fromRevision;
      while (!signal.aborted) {
        const batch = withSnapshot(tables, (snapshot) => readBatch(snapshot, matches, next));
        yield batch;
        if (batch.revision < next) return; // at the end of the log
        next = batch.revision + 1;
        await new Promise(setImmediate);
      }
    },
  };
}

function matcher(range: KeyRange, fromRevision: number): (key: string) => boolean {
  const subscription = new Subscription(range, fromRevision, { maxEvents: 0, maxBytes: 0 });
  return (key) => subscription.matches(key);
}

/** The next whole revisions of the log, at least one if there is any. */
function readBatch(snapshot: Snapshot, matches: (key: string) => boolean, fromRevision: number): WatchBatch {
  const compactedRevision = snapshot.number(metaKeys.compactedRevision);
  if (fromRevision <= compactedRevision) throw compacted(fromRevision, compactedRevision);
  const events: StoreEvent[] = [];
  let seen = 0;
  let complete = fromRevision - 1;
  const start = encodePosition({ revision: fromRevision, index: 0 });
  for (const { key, value } of snapshot.tables.log.getRange({ start, ...snapshot.readOptions })) {
    const { revision } = decodePosition(key);
    if (seen >= entriesPerBatch && revision > complete) return { events, revision: complete };
    const entry = decodeLogEntry(value);
    if (matches(entry.key)) events.push(toEvent(snapshot, revision, entry));
    complete = revision;
    seen++;
  }
  return { events, revision: Math.max(fromRevision - 1, snapshot.revision) };
}

function toEvent(snapshot: Snapshot, revision: number, { key, state, previous, value }: LogEntry): StoreEvent {
  const before = previous && itemOf(key, previous, snapshot.logEntry(previous).value);
  return eventOf(key, revision, state && itemOf(key, state, value), before);
}
