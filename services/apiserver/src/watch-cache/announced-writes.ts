import type { Selectable } from "./entry.ts";

interface Announced {
  readonly value: Buffer;
  readonly selectable: Selectable;
}

/** Events follow their writes within moments; while the store's watch is interrupted they must not pile up. */
const maxAnnounced = 64;

/**
 * What selectors look at of values that this server is about to write. The event of its own write then need not be parsed, for it is told by its
 * bytes; others' events, and what was forgotten, are parsed as ever.
 */
export class AnnouncedWrites {
  readonly #byKey = new Map<string, Announced>();

  announce(key: string, value: Buffer, selectable: Selectable): void {
    this.#byKey.delete(key);
    this.#byKey.set(key, { value, selectable });
    const oldest = this.#byKey.keys().next();
    if (this.#byKey.size > maxAnnounced && !oldest.done) this.#byKey.delete(oldest.value);
  }

  /** The write of this value did not happen, or nobody knows. */
  retract(key: string, value: Buffer): void {
    if (this.#byKey.get(key)?.value === value) this.#byKey.delete(key);
  }

  /** What was announced of exactly this value; it is forgotten with that. */
  take(key: string, value: Buffer): Selectable | undefined {
    const announced = this.#byKey.get(key);
    if (!announced?.value.equals(value)) return undefined;
    this.#byKey.delete(key);
    return announced.selectable;
  }
}
