import type { Clock, MetricsRegistry } from "@tskube/base";
import { Delays } from "./delays.ts";
import { defaultRetryLimiter, type RetryLimiter } from "./limiters.ts";
import { noWorkqueueMetrics, type WorkqueueMetrics, workqueueMetrics } from "./metrics.ts";

export interface WorkqueueOptions<K> {
  readonly clock: Clock;
  /** Label of the queue's metrics. */
  readonly name?: string;
  readonly metrics?: MetricsRegistry | undefined;
  readonly limiter?: RetryLimiter<K>;
}

/**
 * Keys to work on.
 *
 * Invariants:
 * 1. A key is queued at most once, however often it is added.
 * 2. A key is with at most one worker: added while one has it, it is queued when that worker says `done`.
 * 3. Keys come out in the order in which they were first added.
 */
export class Workqueue<K = string> {
  readonly #clock: Clock;
  readonly #limiter: RetryLimiter<K>;
  readonly #metrics: WorkqueueMetrics;
  readonly #delays: Delays<K>;
  /** Insertion order is queue order; the value is when the key was added. */
  readonly #queue = new Map<K, number>();
  readonly #working = new Map<K, number>();
  /** Added while being worked on. */
  readonly #again = new Set<K>();
  readonly #takers: Array<(key: K | undefined) => void> = [];
  #whenDrained: Array<() => void> = [];
  #closed = false;

  constructor(options: WorkqueueOptions<K>) {
    this.#clock = options.clock;
    this.#limiter = options.limiter ?? defaultRetryLimiter<K>(options.clock);
    this.#delays = new Delays(options.clock, (key) => this.add(key));
    this.#metrics = options.metrics
      ? workqueueMetrics(options.metrics, options.name ?? "", () => ({
          depth: this.#queue.size,
          startedAt: this.#working.values(),
          nowMs: options.clock.monotonic(),
        }))
      : noWorkqueueMetrics;
  }

  /** Keys ready for a worker. */
  get size(): number {
    return this.#queue.size;
  }

  /** Keys ready, waiting or being worked on. */
  get isIdle(): boolean {
    return this.#queue.size === 0 && this.#working.size === 0 && this.#delays.size === 0;
  }

  add(key: K): void {
    if (this.#closed) return;
    if (this.#working.has(key)) {
      if (this.#again.has(key)) return;
      this.#again.add(key);
      this.#metrics.added();
      return;
    }
    if (this.#queue.has(key)) return;
    this.#enqueue(key);
    this.#metrics.added();
  }

  addAfter(key: K, delayMs: number): void {
    if (this.#closed) return;
    if (delayMs <= 0) this.add(key);
    else this.#delays.add(key, delayMs);
  }

  /** Adds a key that failed, after the wait its failures call for. */
  addRateLimited(key: K): void {
    this.#metrics.retried();
    this.addAfter(key, this.#limiter.next(key));
  }

  /** Forgets the failures of a key. */
  forget(key: K): void {
    this.#limiter.forget(key);
  }

  failures(key: K): number {
    return this.#limiter.failures(key);
  }

  /** The next key, to be given back with `done`; nothing once the queue is shut down and empty. */
  take(): Promise<K | undefined> {
    const next = this.#next();
    if (next !== undefined || this.#closed) return Promise.resolve(next);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  done(key: K): void {
    const startedAt = this.#working.get(key);
    if (startedAt === undefined) return;
    this.#working.delete(key);
    this.#metrics.done(this.#secondsSince(startedAt));
    if (this.#again.delete(key)) this.#enqueue(key);
    if (this.#closed) this.#checkDrained();
  }

  /** Takes no more keys and ends waiting workers; what is queued can still be taken. */
  shutDown(): void {
    this.#closed = true;
    this.#delays.clear();
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }

  /** Shuts down and resolves when everything queued has been worked on. */
  async shutDownWithDrain(): Promise<void> {
    this.shutDown();
    const drained = new Promise<void>((resolve) => this.#whenDrained.push(resolve));
    this.#checkDrained();
    await drained;
  }

  #enqueue(key: K): void {
    this.#queue.set(key, this.#clock.monotonic());
    const taker = this.#takers.shift();
    if (taker) taker(this.#next());
  }

  #next(): K | undefined {
    for (const [key, addedAt] of this.#queue) {
      this.#queue.delete(key);
      this.#working.set(key, this.#clock.monotonic());
      this.#metrics.taken(this.#secondsSince(addedAt));
      return key;
    }
    return undefined;
  }

  #checkDrained(): void {
    if (this.#queue.size > 0 || this.#working.size > 0) return;
    for (const resolve of this.#whenDrained.splice(0)) resolve();
  }

  #secondsSince(monotonicMs: number): number {
    return (this.#clock.monotonic() - monotonicMs) / 1000;
  }
}
