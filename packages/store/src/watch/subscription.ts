import { StoreError } from "../errors.ts";
import { type KeyBounds, type KeyRange, keyBounds } from "../keys.ts";
import type { StoreEvent } from "../store.ts";
import { eventBytes } from "./recent-events.ts";

export interface SubscriptionLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** Revisions that a watch can wait for at once. */
const maxWanted = 1_024;

/** What one watch has been offered and not taken yet, within bounds. */
export class Subscription {
  readonly range: KeyRange;
  readonly #bounds: KeyBounds;
  readonly #limits: SubscriptionLimits;
  #nextRevision: number;
  #pending: StoreEvent[] = [];
  #pendingBytes = 0;
  #failure: StoreError | undefined;
  #wanted: number[] = [];
  #progressDue = false;
  #wake: (() => void) | undefined;

  constructor(range: KeyRange, fromRevision: number, limits: SubscriptionLimits) {
    this.range = range;
    this.#bounds = keyBounds(range);
    this.#nextRevision = fromRevision;
    this.#limits = limits;
  }

  /** The first revision whose events are still of interest; earlier ones are ignored. */
  get nextRevision(): number {
    return this.#nextRevision;
  }

  matches(key: string): boolean {
    if (this.range.prefix !== undefined && this.range.start === undefined) return key.startsWith(this.range.prefix);
    const bytes = Buffer.from(key);
    if (Buffer.compare(bytes, this.#bounds.start) < 0) return false;
    return this.#bounds.end === undefined || Buffer.compare(bytes, this.#bounds.end) < 0;
  }

  offer(event: StoreEvent): void {
    if (this.#failure || event.revision < this.#nextRevision) return;
    this.#pending.push(event);
    this.#pendingBytes += eventBytes(event);
    const tooMany = this.#pending.length > this.#limits.maxEvents || this.#pendingBytes > this.#limits.maxBytes;
    // A single revision is never refused for its size: a new watch would meet it again.
    if (tooMany && this.#pending[0]?.revision !== event.revision) this.#cut();
    else this.#wakeUp();
  }

  /** Moves on to `revision` after a batch that came from elsewhere. */
  skipTo(revision: number): void {
    this.#nextRevision = Math.max(this.#nextRevision, revision);
  }

  /** Forgets the most distant of too many: a revision far in the future may never come. */
  wantProgress(revision: number): void {
    if (this.#wanted.includes(revision)) return;
    this.#wanted.push(revision);
    if (this.#wanted.length <= maxWanted) return;
    const furthest = Math.max(...this.#wanted);
    this.#wanted = this.#wanted.filter((wanted) => wanted !== furthest);
  }

  /** How many revisions are waited for. */
  get wanted(): number {
    return this.#wanted.length;
  }

  /** Notes what is known to be complete; true when no request for progress is open any more. */
  satisfyProgress(completeRevision: number): boolean {
    const open = this.#wanted.filter((revision) => revision > completeRevision);
    if (open.length < this.#wanted.length) {
      this.#progressDue = true;
      this.#wakeUp();
    }
    this.#wanted = open;
    return open.length === 0;
  }

  fail(failure: StoreError): void {
    this.#failure ??= failure;
    this.#wakeUp();
  }

  /** Whether `take` has something to say. */
  get isReady(): boolean {
    return this.#failure !== undefined || this.#progressDue || this.#pending.length > 0;
  }

  /** All pending events; the subscription is then complete up to `completeRevision`. Throws what it failed with. */
  take(completeRevision: number): StoreEvent[] {
    const events = this.#pending;
    if (this.#failure && (events.length === 0 || this.#failure.code !== "closed")) throw this.#failure;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#progressDue = false;
    this.skipTo(completeRevision + 1);
    return events;
  }

  /** Resolves when `take` has something to say, or `signal` aborts. */
  async ready(signal: AbortSignal): Promise<void> {
    if (this.isReady || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        signal.removeEventListener("abort", wake);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  #cut(): void {
    const resumeRevision = this.#pending[0]?.revision ?? this.#nextRevision;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.fail(
      new StoreError("slowWatcher", `watch fell too far behind, undelivered from revision ${resumeRevision} on`, {
        resumeRevision,
      }),
    );
  }

  #wakeUp(): void {
    this.#wake?.();
  }
}
