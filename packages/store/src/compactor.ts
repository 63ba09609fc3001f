import { type Clock, type Logger, sleep } from "@tskube/base";
import { isStoreError } from "./errors.ts";
import type { Store } from "./store.ts";

export interface CompactorDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** As kube-apiserver's `--etcd-compaction-interval`. */
export const defaultCompactionIntervalMs = 5 * 60_000;

/**
 * Until `signal` aborts, compacts every interval to the revision of one interval ago, so that between one and two
 * intervals of history are kept. Several may run on one store: each goes back no less than an interval, so together
 * they keep that much; one that comes too late changes nothing.
 */
export async function runCompactor(deps: CompactorDeps, intervalMs: number, signal: AbortSignal): Promise<void> {
  const { store, clock, logger } = deps;
  let remembered: number | undefined;
  while (!signal.aborted) {
    try {
      if (remembered !== undefined) await store.compact(remembered);
      remembered = await store.currentRevision();
    } catch (err) {
      if (isStoreError(err, "closed")) return;
      // The remembered revision only grows older: the next turn may still use it.
      logger.warn({ err }, "cannot compact the store");
    }
    await sleep(clock, intervalMs, signal);
  }
}
