import { type Clock, sleep } from "@tskube/base";

/** Decides when the next request may go. */
export interface RateLimiter {
  /** Resolves when a request may be sent; at once if `signal` aborts. */
  take(signal?: AbortSignal): Promise<void>;
}

/** Lets every request pass. */
export const unlimited: RateLimiter = { take: () => Promise.resolve() };

/** A token bucket: `burst` requests at once, then `qps` a second, first come first served. */
export function tokenBucket(options: {
  readonly qps: number;
  readonly burst: number;
  readonly clock: Clock;
}): RateLimiter {
  const { qps, burst, clock } = options;
  const capacity = Math.max(1, burst);
  let tokens = capacity;
  let countedAt = clock.monotonic();

  return {
    take(signal) {
      const now = clock.monotonic();
      tokens = Math.min(capacity, tokens + ((now - countedAt) / 1000) * qps);
      countedAt = now;
      tokens -= 1; // below zero it is a reservation: later callers queue behind this one
      return tokens >= 0 ? Promise.resolve() : sleep(clock, (-tokens / qps) * 1000, signal);
    },
  };
}
