/**
 * Lets concurrent callers share a linearizable read: a caller may use one that begins after it called, never one that
 * was already on its way. So at most one is on its way and one waits, however many ask.
 */
export class SharedRead<T> {
  readonly #read: () => Promise<T>;
  #onItsWay: Promise<T> | undefined;
  #next: Promise<T> | undefined;

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  read(): Promise<T> {
    if (!this.#onItsWay) return this.#begin();
    this.#next ??= this.#onItsWay.then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }

  #begin(): Promise<T> {
    this.#next = undefined;
    const reading = this.#read().finally(() => {
      if (this.#onItsWay === reading) this.#onItsWay = undefined;
    });
    this.#onItsWay = reading;
    return reading;
  }
}
