import { backoffMs, type Clock, sleep } from "@tskube/base";
import { isConflict } from "./status.ts";

export interface RetryOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Five, as client-go's default, when absent. */
  readonly attempts?: number;
}

/**
 * Runs `fn` again while it meets a conflict, with short growing waits. `fn` must read the object anew each time.
 * The last conflict is thrown.
 */
export async function retryOnConflict<T>(options: RetryOptions, fn: () => Promise<T>): Promise<T> {
  const attempts = options.attempts ?? 5;
  for (let failures = 1; ; failures++) {
    try {
      return await fn();
    } catch (error) {
      if (!isConflict(error) || failures >= attempts || options.signal?.aborted) throw error;
      await sleep(
        options.clock,
        backoffMs(failures, { baseMs: 10, maxMs: 1000, factor: 1, jitter: 0.1 }),
        options.signal,
      );
    }
  }
}
