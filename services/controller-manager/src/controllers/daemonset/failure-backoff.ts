import type { Clock } from "@tskube/base";

const firstMs = 1_000;
const longestMs = 15 * 60_000;

interface Pause {
  readonly lengthMs: number;
  readonly until: number;
}

/**
 * How long a node waits until its failed daemon is replaced again: a second, twice as long each time, a quarter of an hour at most;
 * from the beginning once nothing failed for twice the longest.
 */
export class FailureBackoff {
  readonly #clock: Clock;
  readonly #pauses = new Map<string, Pause>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The wait that is left for `key`; zero means now, and the next wait begins. */
  claim(key: string): number {
    const now = this.#clock.monotonic();
    const before = this.#pauses.get(key);
    if (before && before.until > now) return before.until - now;
    const isFresh = !before || now - before.until > 2 * longestMs;
    const lengthMs = isFresh ? firstMs : Math.min(before.lengthMs * 2, longestMs);
    this.#pauses.set(key, { lengthMs, until: now + lengthMs });
    return 0;
  }

  /** Forgets all keys that start with `prefix`. */
  forget(prefix: string): void {
    for (const key of this.#pauses.keys()) if (key.startsWith(prefix)) this.#pauses.delete(key);
  }
}
