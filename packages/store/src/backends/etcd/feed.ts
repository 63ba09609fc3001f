import { backoffMs, type Clock, type Logger, sleep } from "@tskube/base";
import type { Etcd3 } from "etcd3";
import { isStoreError } from "../../errors.ts";
import type { StoreEvent } from "../../store.ts";
import type { WatchHub } from "../../watch/hub.ts";
import { watchStream } from "./watch-stream.ts";

export interface FeedDeps {
  readonly etcd: Etcd3;
  readonly hub: WatchHub;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The newest revision; tried until it is known. */
  readonly currentRevision: () => Promise<number>;
}

const reconnectBackoff = { baseMs: 50, maxMs: 3_000, jitter: 0.5 };

/** Keeps the hub fed with all changes until `signal` aborts, over as many connections as it takes. */
export async function runFeed(deps: FeedDeps, signal: AbortSignal): Promise<void> {
  const { hub, clock, logger } = deps;
  let failures = 0;
  while (!signal.aborted) {
    try {
      // History begun anew is joined where the members are now; a connection lost, right after what was published.
      if (hub.revision === 0) hub.start(await deps.currentRevision());
      for await (const events of watchStream(deps.etcd, hub.revision + 1, signal)) {
        hub.publish(events, (events.at(-1) as StoreEvent).revision);
        failures = 0;
      }
    } catch (err) {
      if (signal.aborted) return;
      if (isStoreError(err, "compacted")) {
        logger.warn({ err, revision: hub.revision }, "store history was compacted while the watch was disconnected");
        await restartHub(deps);
      } else {
        logger.warn({ err, attempt: failures + 1 }, "store watch was interrupted");
      }
      failures++;
      await sleep(clock, backoffMs(failures, reconnectBackoff), signal);
    }
  }
}

async function restartHub({ hub, currentRevision, logger }: FeedDeps): Promise<void> {
  try {
    hub.start(await currentRevision());
  } catch (err) {
    logger.warn({ err }, "cannot read the store's revision");
  }
}
