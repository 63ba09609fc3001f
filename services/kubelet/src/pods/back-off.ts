import type { Clock } from "@tskube/base";

interface Entry {
  delayMs: number;
  updatedAtMs: number;
}

/**
 * Growing delays by key, counted from the event that failed (a container's end) and not from when it was noticed, so that slow
 * rounds of the kubelet do not add up. With 10 s and 5 min, restarts wait 0, 10, 20, 40, 80, 160, 300, 300 … s; a key rests after an
 * event that comes later than twice the longest delay since the last one.
 */
export class BackOff {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #baseMs: number;
  readonly maxMs: number;

  constructor(clock: Clock, options: { readonly baseMs: number; readonly maxMs: number }) {
    this.#clock = clock;
    this.#baseMs = options.baseMs;
    this.maxMs = options.maxMs;
  }

  /** Milliseconds to wait from now before trying again after what failed at `eventMs`; 0 when a try may be made. */
  remainingMs(key: string, eventMs: number): number {
    const entry = this.#entries.get(key);
    if (!entry || this.#hasRested(entry, eventMs)) return 0;
    return Math.max(0, eventMs + entry.delayMs - this.#clock.now());
  }

  /** The whole delay that `key` is under. */
  delayMs(key: string): number {
    return this.#entries.get(key)?.delayMs ?? 0;
  }

  /** Notes that a try is made after the failure at `eventMs`: the next failure waits longer. */
  next(key: string, eventMs: number): void {
    const entry = this.#entries.get(key);
    const delayMs = !entry || this.#hasRested(entry, eventMs) ? this.#baseMs : Math.min(entry.delayMs * 2, this.maxMs);
    this.#entries.set(key, { delayMs, updatedAtMs: this.#clock.now() });
  }

  /** Forgets every key that starts with `prefix`. */
  forget(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#entries.delete(key);
  }

  #hasRested(entry: Entry, eventMs: number): boolean {
    return eventMs - entry.updatedAtMs > 2 * this.maxMs;
  }
}
