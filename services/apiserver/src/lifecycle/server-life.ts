import { setMaxListeners } from "node:events";

/**
 * Where the server stands between its start and its end.
 *
 * serving → leaving: readiness has ended, and all is answered as before → refusing: new requests are told to come back, those under way go on
 * → draining: watches end.
 */
export class ServerLife {
  readonly #draining = new AbortController();
  #isLeaving = false;
  #isRefusing = false;
  #underWay = 0;
  #whenIdle: (() => void) | undefined;

  constructor() {
    setMaxListeners(0, this.#draining.signal); // every watch listens
  }

  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  get isRefusing(): boolean {
    return this.#isRefusing;
  }

  /** Aborts when watches have to end. */
  get draining(): AbortSignal {
    return this.#draining.signal;
  }

  /** Requests that do not stream and have not been answered. */
  get underWay(): number {
    return this.#underWay;
  }

  leave(): void {
    this.#isLeaving = true;
  }

  refuse(): void {
    this.leave();
    this.#isRefusing = true;
  }

  drain(): void {
    this.leave();
    this.#draining.abort(new Error("apiserver is shutting down"));
  }

  /** Counts a request until the returned function is called. */
  enter(): () => void {
    this.#underWay++;
    return () => {
      this.#underWay--;
      if (this.#underWay === 0) this.#whenIdle?.();
    };
  }

  /** Resolves when no request is under way. */
  idle(): Promise<void> {
    if (this.#underWay === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenIdle = resolve;
    });
  }
}
