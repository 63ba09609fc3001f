import { type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import type { Store } from "@tskube/store";

export interface CompactDeps {
  readonly store: Pick<Store, "currentRevision" | "compact">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Lets the store forget what is older than one to two intervals, until `signal` aborts. Lists that go on page by page and watches that
 * start anew need the history of about one. Several servers may do so at once: the store forgets nothing twice.
 */
export async function compactHistory(intervalMs: number, deps: CompactDeps, signal: AbortSignal): Promise<void> {
  const { store, clock, logger } = deps;
  if (intervalMs <= 0) return;
  let previous: number | undefined;
  while (!signal.aborted) {
    try {
      const current = await store.currentRevision();
      if (previous !== undefined) await store.compact(previous);
      previous = current;
    } catch (error) {
      logger.warn({ reason: errorMessage(error) }, "cannot compact the store's history yet");
    }
    await sleep(clock, intervalMs, signal);
  }
}
