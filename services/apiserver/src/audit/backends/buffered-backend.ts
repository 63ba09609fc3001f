import type { Clock, Logger } from "@tskube/base";
import type { RateLimiter } from "@tskube/client";
import type { Backend, RecordedEvent } from "../backend.ts";
import type { AuditMetrics } from "../metrics.ts";

export interface BatchOptions {
  /** Events that may wait, and bytes of objects in them; more are lost, and counted as such. */
  readonly bufferSize: number;
  readonly maxBufferBytes: number;
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
  #queuedBytes = 0;
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
    let lost = 0;
    for (const event of events) if (!this.#take(event)) lost += 1;
    if (lost > 0) this.#lose(lost);
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
      for (const event of batch) this.#queuedBytes -= sizeOf(event);
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

  #take(event: RecordedEvent): boolean {
    const { bufferSize, maxBufferBytes } = this.#options;
    const bytes = this.#queuedBytes + sizeOf(event);
    if (this.#isClosed || this.#queue.length >= bufferSize || bytes > maxBufferBytes) return false;
    this.#queue.push(event);
    this.#queuedBytes = bytes;
    return true;
  }

  #lose(events: number): void {
    this.#deps.metrics.observeLost("buffered", events);
    this.#deps.logger.error({ events }, "audit buffer is full");
  }
}

/** What an event keeps in memory, as far as it can be much. */
function sizeOf({ event: { requestObject = "", responseObject = "" } }: RecordedEvent): number {
  return requestObject.length + responseObject.length;
}
