import { type Clock, Heap } from "@tskube/base";

interface Waiting<K> {
  readonly key: K;
  readonly dueMs: number;
}

/** Keys that become ready later. Of several times for one key the earliest counts; there is one timer, for the next due key. */
export class Delays<K> {
  readonly #clock: Clock;
  readonly #ready: (key: K) => void;
  readonly #heap = new Heap<Waiting<K>>((a, b) => a.dueMs < b.dueMs);
  /** The time that counts; heap entries that differ from it are stale. */
  readonly #dueOf = new Map<K, number>();
  #timer: { readonly dueMs: number; readonly cancel: () => void } | undefined;

  constructor(clock: Clock, ready: (key: K) => void) {
    this.#clock = clock;
    this.#ready = ready;
  }

  get size(): number {
    return this.#dueOf.size;
  }

  add(key: K, delayMs: number): void {
    const dueMs = this.#clock.monotonic() + delayMs;
    const known = this.#dueOf.get(key);
    if (known !== undefined && known <= dueMs) return;
    this.#dueOf.set(key, dueMs);
    this.#heap.push({ key, dueMs });
    this.#arm();
  }

  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#dueOf.clear();
    while (this.#heap.pop());
  }

  #arm(): void {
    const next = this.#heap.peek();
    if (!next || (this.#timer && this.#timer.dueMs <= next.dueMs)) return;
    this.#timer?.cancel();
    const delayMs = Math.max(0, next.dueMs - this.#clock.monotonic());
    this.#timer = { dueMs: next.dueMs, cancel: this.#clock.after(delayMs, () => this.#fire()) };
  }

  #fire(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    for (let next = this.#heap.peek(); next && next.dueMs <= now; next = this.#heap.peek()) {
      this.#heap.pop();
      if (this.#dueOf.get(next.key) !== next.dueMs) continue;
      this.#dueOf.delete(next.key);
      this.#ready(next.key);
    }
    this.#arm();
  }
}
