import type { Clock } from "@tskube/base";

interface Waiter {
  readonly revision: number;
  readonly done: (reached: boolean) => void;
}

/** A revision that rises, and those who wait for it to. */
export class RevisionGate {
  readonly #clock: Clock;
  #waiters: Waiter[] = [];
  #revision = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get revision(): number {
    return this.#revision;
  }

  /** The revisions that somebody waits for. */
  get wanted(): ReadonlySet<number> {
    return new Set(this.#waiters.map((waiter) => waiter.revision));
  }

  advance(revision: number): void {
    if (revision > this.#revision) this.#revision = revision;
    if (this.#waiters.length === 0) return;
    const reached = this.#waiters.filter((waiter) => waiter.revision <= this.#revision);
    if (reached.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => waiter.revision > this.#revision);
    for (const waiter of reached) waiter.done(true);
  }

  /** Tells all who wait that it is of no use. */
  release(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.done(false);
  }

  /** Whether `revision` is reached within `timeoutMs`, and before `signal` aborts. */
  wait(revision: number, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const giveUp = () => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        waiter.done(false);
      };
      const waiter: Waiter = {
        revision,
        done(reached) {
          cancel();
          signal?.removeEventListener("abort", giveUp);
          resolve(reached);
        },
      };
      const cancel = this.#clock.after(timeoutMs, giveUp);
      signal?.addEventListener("abort", giveUp, { once: true });
      this.#waiters.push(waiter);
    });
  }
}
