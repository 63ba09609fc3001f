/** Something open that can be closed; closing twice is safe. */
export interface Closable {
  close(): Promise<void> | void;
}

/**
 * Collects what was opened and closes it in reverse order, each once. A failing close does not keep the others open:
 * all failures are thrown together at the end.
 */
export class Closer implements Closable {
  #open: Array<() => Promise<void> | void> = [];

  /** Remembers `closable` and returns it, so that opening and registering are one expression. */
  add<T extends Closable | (() => Promise<void> | void)>(closable: T): T {
    this.#open.push(typeof closable === "function" ? closable : () => closable.close());
    return closable;
  }

  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (let close = this.#open.pop(); close; close = this.#open.pop()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, "cannot close everything");
  }
}

/** Resolves when `signal` aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
