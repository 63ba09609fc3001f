import { type Clock, errorMessage, type Logger } from "@tskube/base";
import { exponentialPerKey, Workqueue } from "@tskube/client/workqueue";

export interface KeyedWorkersDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Brings what the key stands for to what it should be; may resolve with milliseconds after which to look again. */
  reconcile(key: string, signal: AbortSignal): Promise<number | undefined>;
}

export interface KeyedWorkers {
  add(key: string): void;
  /** Takes no more work; resolves when what is under way has ended. */
  close(): Promise<void>;
}

/** As upstream's controllers of APIServices: tight at first, for what they look at can change without a word. */
const retry = { baseMs: 5, maxMs: 30_000 };

/** Works on keys, each with one worker at a time, and again after a failure or when asked to. */
export function startKeyedWorkers(name: string, count: number, deps: KeyedWorkersDeps): KeyedWorkers {
  const stopping = new AbortController();
  const limiter = exponentialPerKey<string>(retry.baseMs, retry.maxMs);
  const queue = new Workqueue<string>({ clock: deps.clock, limiter });
  const work = async (): Promise<void> => {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      try {
        const againMs = stopping.signal.aborted ? undefined : await deps.reconcile(key, stopping.signal);
        queue.forget(key);
        if (againMs !== undefined) queue.addAfter(key, againMs);
      } catch (error) {
        if (!stopping.signal.aborted) deps.logger.debug({ name, key, reason: errorMessage(error) }, "not settled yet");
        queue.addRateLimited(key);
      } finally {
        queue.done(key);
      }
    }
  };
  const workers = Array.from({ length: count }, work);
  return {
    add: (key) => queue.add(key),
    async close() {
      stopping.abort();
      queue.shutDown();
      await Promise.all(workers);
    },
  };
}
