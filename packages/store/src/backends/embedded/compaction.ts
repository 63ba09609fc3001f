import { futureRevision } from "../../errors.ts";
import type { CommitJob } from "./committer.ts";
import { decodeLogEntry, decodePosition, encodeNumber, encodePosition, encodeVersionKey } from "./records.ts";
import { metaKeys } from "./tables.ts";

/** Log entries looked at in one commit, so that writers do not wait for a long compaction. */
const entriesPerStep = 500;

/** The job that ends history below `revision`; false when it had ended there already. */
export function beginCompaction(revision: number): CommitJob<boolean> {
  return (batch) => {
    if (revision > batch.revision) throw futureRevision(revision, batch.revision);
    if (revision <= batch.snapshot.number(metaKeys.compactedRevision)) return false;
    batch.put(batch.snapshot.tables.meta, metaKeys.compactedRevision, encodeNumber(revision));
    return true;
  };
}

/**
 * The job that removes some of what compaction made superfluous; false when nothing is left to do.
 *
 * A record is superfluous once the compacted history holds a later change of its key: so every change in it takes away
 * its predecessor, and a delete itself as well. The cost is that of the changes since the last compaction, whatever the
 * number of keys. A crash between two steps repeats at most one of them.
 */
export function cleanStep(): CommitJob<boolean> {
  return (batch) => {
    const { snapshot } = batch;
    const { log, versions, meta } = snapshot.tables;
    const compactedRevision = snapshot.number(metaKeys.compactedRevision);
    const cleanedRevision = snapshot.number(metaKeys.cleanedRevision);
    if (cleanedRevision >= compactedRevision) return false;
    let seen = 0;
    let cleaned = cleanedRevision;
    const start = encodePosition({ revision: cleanedRevision + 1, index: 0 });
    const end = encodePosition({ revision: compactedRevision + 1, index: 0 });
    for (const { key: bytes, value } of log.getRange({ start, end, ...snapshot.readOptions })) {
      const position = decodePosition(bytes);
      if (seen++ >= entriesPerStep && position.revision > cleaned) {
        batch.put(meta, metaKeys.cleanedRevision, encodeNumber(cleaned));
        return true;
      }
      cleaned = position.revision;
      const { key, state, previous } = decodeLogEntry(value);
      for (const superfluous of [previous, state ? undefined : position]) {
        if (!superfluous) continue;
        batch.remove(log, encodePosition(superfluous));
        batch.remove(versions, encodeVersionKey(key, superfluous));
      }
    }
    batch.put(meta, metaKeys.cleanedRevision, encodeNumber(compactedRevision));
    return true;
  };
}
