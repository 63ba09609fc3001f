/** Work that goes on beside the loop: counted, limited and waited for. */
export class Background {
  readonly #running = new Set<Promise<void>>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#running.size;
  }

  /** `work` handles its own failures. */
  add(work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    while (this.#running.size >= this.#limit) await Promise.race(this.#running);
  }

  async drained(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled([...this.#running]);
  }
}
