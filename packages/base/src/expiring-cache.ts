import type { Clock } from "./clock.ts";

/** Remembers answers for a while, the oldest of too many being dropped. Questions asked at the same time are one. */
export class ExpiringCache<T> {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #entries = new Map<string, { readonly value: T; readonly expiresAtMs: number }>();
  readonly #running = new Map<string, Promise<T>>();

  constructor(clock: Clock, limit: number) {
    this.#clock = clock;
    this.#limit = limit;
  }

  /** The remembered answer, else that of `ask`, kept for as long as `ttlMs` says of it. Failures are not kept. */
  async get(key: string, ask: () => Promise<T>, ttlMs: (value: T) => number): Promise<T> {
    const known = this.#entries.get(key);
    if (known && known.expiresAtMs > this.#clock.monotonic()) return known.value;
    const running = this.#running.get(key);
    if (running) return running;
    const asked = ask().finally(() => this.#running.delete(key));
    this.#running.set(key, asked);
    const value = await asked;
    this.#keep(key, value, ttlMs(value));
    return value;
  }

  #keep(key: string, value: T, ttlMs: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, expiresAtMs: this.#clock.monotonic() + ttlMs });
    const oldest = this.#entries.keys().next();
    if (this.#entries.size > this.#limit && !oldest.done) this.#entries.delete(oldest.value);
  }
}
