import type { Clock, Logger } from "@tskube/base";
import { isStoreError } from "../../errors.ts";
import type { CommitJob, Committer } from "./committer.ts";
import { decodeExpiryKey, decodeNumber, encodeExpiryKey } from "./records.ts";
import { type Tables, withSnapshot } from "./tables.ts";

/** Keys deleted in one commit. */
const keysPerStep = 200;

/** How often it is looked whether keys are due: what bounds their lateness. */
export const expiryIntervalMs = 1000;

export interface ExpiryDeps {
  readonly tables: Tables;
  readonly committer: Committer;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Deletes keys whose time to live is over; the returned function stops it. */
export function startExpiry(deps: ExpiryDeps): () => Promise<void> {
  let cancel = () => {};
  let running = Promise.resolve();
  let isStopped = false;
  const schedule = () => {
    if (isStopped) return;
    cancel = deps.clock.after(expiryIntervalMs, () => {
      running = expireDue(deps).catch((err: unknown) => {
        if (!isStoreError(err, "closed")) deps.logger.warn({ err }, "cannot delete expired keys");
      });
      running.then(schedule);
    });
  };
  schedule();
  return async () => {
    isStopped = true;
    cancel();
    await running;
  };
}

async function expireDue({ tables, committer, clock }: ExpiryDeps): Promise<void> {
  const now = clock.now();
  const isDue = () => withSnapshot(tables, ({ readOptions }) => anyDue(tables, now, readOptions));
  while (isDue()) await committer.submit(expireStep(now));
}

function anyDue(tables: Tables, now: number, readOptions: object): boolean {
  const options = { end: encodeExpiryKey(now + 1, ""), limit: 1, ...readOptions };
  return tables.expiries.getKeysCount(options) > 0;
}

/** The job that deletes some of the keys due at `now`, all with one revision. */
function expireStep(now: number): CommitJob<void> {
  return (batch) => {
    const { tables, readOptions } = batch.snapshot;
    let index = 0;
    const due = tables.expiries.getRange({ end: encodeExpiryKey(now + 1, ""), limit: keysPerStep, ...readOptions });
    for (const { key: bytes, value } of due) {
      const { key } = decodeExpiryKey(bytes);
      // A write in the same commit may have given the key another time; its own entry is then gone already.
      if (batch.state(key)?.revision !== decodeNumber(value)) continue;
      if (index === 0) batch.nextRevision();
      batch.change(key, index++, undefined);
    }
  };
}
