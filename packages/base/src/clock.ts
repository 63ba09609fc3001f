/** Time as a collaborator: services get `systemClock`, tests a `FakeClock` that they step. All times are milliseconds. */
export interface Clock {
  /** Milliseconds since the Unix epoch; may jump when the machine's clock is set. */
  now(): number;
  /** Milliseconds on a clock that never jumps, for measuring durations. */
  monotonic(): number;
  /** Calls `fn` once after `delayMs`; the returned function cancels it and is safe to call twice. */
  after(delayMs: number, fn: () => void): () => void;
}

/** The largest delay a Node timer takes; longer ones would fire at once. */
const maxTimerMs = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, fn) {
    const timer = setTimeout(fn, Math.min(Math.max(0, delayMs), maxTimerMs));
    return () => clearTimeout(timer);
  },
};

/**
 * Waits `delayMs`, or less if `signal` aborts: resolves either way, so that loops test their signal in one place.
 */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal?.addEventListener("abort", done, { once: true });
  });
}
