import type { Clock } from "@tskube/base";

/** How long a failed key waits before its next try. */
export interface RetryLimiter<K> {
  /** Counts a failure of `key` and returns its wait. */
  next(key: K): number;
  forget(key: K): void;
  failures(key: K): number;
}

/** Doubles per failure of a key: 5 ms, 10 ms, … 1000 s, as client-go. */
export function exponentialPerKey<K>(baseMs = 5, maxMs = 1_000_000): RetryLimiter<K> {
  const failures = new Map<K, number>();
  return {
    next(key) {
      const before = failures.get(key) ?? 0;
      failures.set(key, before + 1);
      return Math.min(baseMs * 2 ** before, maxMs);
    },
    forget: (key) => void failures.delete(key),
    failures: (key) => failures.get(key) ?? 0,
  };
}

/** Limits all keys together: ten a second after a burst of a hundred, as client-go. */
export function overallBucket<K>(clock: Clock, qps = 10, burst = 100): RetryLimiter<K> {
  let tokens = burst;
  let countedAt = clock.monotonic();
  return {
    next() {
      const now = clock.monotonic();
      tokens = Math.min(burst, tokens + ((now - countedAt) / 1000) * qps);
      countedAt = now;
      tokens -= 1;
      return tokens >= 0 ? 0 : (-tokens / qps) * 1000;
    },
    forget() {},
    failures: () => 0,
  };
}

/** The longest wait that any of `limiters` asks for. */
export function longestOf<K>(...limiters: readonly RetryLimiter<K>[]): RetryLimiter<K> {
  return {
    next: (key) => Math.max(...limiters.map((limiter) => limiter.next(key))),
    forget: (key) => limiters.forEach((limiter) => void limiter.forget(key)),
    failures: (key) => Math.max(...limiters.map((limiter) => limiter.failures(key))),
  };
}

export function defaultRetryLimiter<K>(clock: Clock): RetryLimiter<K> {
  return longestOf(exponentialPerKey<K>(), overallBucket<K>(clock));
}
