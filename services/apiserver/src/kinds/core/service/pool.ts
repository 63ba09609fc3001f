/**
 * Which numbers of a range are taken. What is given out by itself comes from the upper part first, so that numbers people choose, which tend
 * to be low, stay free.
 */
export class Pool {
  readonly size: number;
  readonly #users = new Map<number, number>();
  /** Taken by someone whose object has not been seen yet. */
  readonly #claimed = new Set<number>();
  readonly #random: () => number;
  readonly #lowEnd: number;

  constructor(size: number, random: () => number) {
    this.size = size;
    this.#random = random;
    this.#lowEnd = Math.min(Math.max(16, Math.floor(size / 16)), 256, size);
  }

  isTaken(number: number): boolean {
    return this.#users.has(number) || this.#claimed.has(number);
  }

  /** An object that has the number was seen. */
  take(number: number): void {
    this.#users.set(number, (this.#users.get(number) ?? 0) + 1);
    this.#claimed.delete(number);
  }

  release(number: number): void {
    const users = (this.#users.get(number) ?? 1) - 1;
    if (users > 0) this.#users.set(number, users);
    else this.#users.delete(number);
    this.#claimed.delete(number);
  }

  claim(number: number): void {
    this.#claimed.add(number);
  }

  /** A free number that is not in `except`; undefined when the pool is exhausted. Nothing is taken by asking. */
  pick(except: ReadonlySet<number> = new Set()): number | undefined {
    return this.#pickFrom(this.#lowEnd, this.size, except) ?? this.#pickFrom(0, this.#lowEnd, except);
  }

  #pickFrom(from: number, to: number, except: ReadonlySet<number>): number | undefined {
    const count = to - from;
    const start = Math.floor(this.#random() * count);
    for (let step = 0; step < count; step++) {
      const number = from + ((start + step) % count);
      if (!this.isTaken(number) && !except.has(number)) return number;
    }
    return undefined;
  }
}
