import type { Clock, Logger } from "@tskube/base";
import type { RateLimiter } from "@tskube/client";
import type { Backend, RecordedEvent } from "../backend.ts";
import type { AuditMetrics } from "../metrics.ts";

export interface BatchOptions {
  /** Events that may wait; more are lost, and counted as such. */
  readonly bufferSize: number;
  readonly maxBatchSize: number;
  /** How long a batch that is not full waits for more. */
  readonly maxBatchWaitMs: number;
  /** Batches under way at once. */
  readonly maxInFlight: number;
}

export interface BufferedDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: AuditMetrics;
  /** How often batches may leave; as they come when absent. */
  readonly limiter?: RateLimiter | undefined;
  /** Aborts when the server ends: nothing waits any more. */
  readonly closing: AbortSignal;
}

/** Takes events at once and hands them on in batches, so that no request waits: the mode `batch`. */
export class BufferedBackend implements Backend {
  readonly #delegate: Backend;
  readonly #options: BatchOptions;
  readonly #deps: BufferedDeps;
  #queue: RecordedEvent[] = [];
  #isClosed = false;
  #cancelWait = () => {};
  /** Tells the loop that a batch is due. */
  #due = () => {};
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #running: Promise<void>;

  constructor(delegate: Backend, options: BatchOptions, deps: BufferedDeps) {
    this.#delegate = delegate;
    this.#options = options;
    this.#deps = deps;
    this.#running = this.#run();
  }

  process(events: readonly RecordedEvent[]): boolean {
    const room = this.#isClosed ? 0 : this.#options.bufferSize - this.#queue.length;
    if (events.length > room) this.#lose(events.length - room);
    this.#queue.push(...events.slice(0, room));
    if (this.#queue.length >= this.#options.maxBatchSize) this.#due();
    return true;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#due();
    await this.#running;
    await this.#delegate.close();
  }

  async #run(): Promise<void> {
    for (;;) {
      await this.#batchDue();
      const batch = this.#queue.slice(0, this.#options.maxBatchSize);
      this.#queue = this.#queue.slice(batch.length);
      if (batch.length > 0) await this.#send(batch);
      else if (this.#isClosed) break;
    }
    await Promise.all(this.#inFlight);
  }

  /** Resolves when a batch is full, when its time is over, or at the end. */
  #batchDue(): Promise<void> {
    if (this.#isClosed || this.#queue.length >= this.#options.maxBatchSize) return Promise.resolve();
    return new Promise((resolve) => {
      this.#cancelWait = this.#deps.clock.after(this.#options.maxBatchWaitMs, () => this.#due());
      this.#due = () => {
        this.#cancelWait();
        this.#due = () => {};
        resolve();
      };
    });
  }

  async #send(batch: readonly RecordedEvent[]): Promise<void> {
    await this.#deps.limiter?.take(this.#deps.closing);
    while (this.#inFlight.size >= this.#options.maxInFlight) await Promise.race(this.#inFlight);
    const sending: Promise<unknown> = Promise.resolve(this.#delegate.process(batch)).finally(() =>
      this.#inFlight.delete(sending),
    );
    this.#inFlight.add(sending);
  }

  #lose(events: number): void {
    this.#deps.metrics.observeLost("buffered", events);
    this.#deps.logger.error({ events }, "audit buffer is full");
  }
}
