import type { Subscription } from "./subscription.ts";

/**
 * Finds the subscriptions that a key concerns without asking each: those of a prefix are found by cutting the key to
 * the few lengths that prefixes have, so the cost of an event does not grow with the number of watched prefixes.
 */
export class SubscriptionIndex {
  readonly #byPrefix = new Map<string, Set<Subscription>>();
  readonly #countByLength = new Map<number, number>();
  readonly #others = new Set<Subscription>();

  add(subscription: Subscription): void {
    const { prefix } = subscription.range;
    if (prefix === undefined) {
      this.#others.add(subscription);
      return;
    }
    const existing = this.#byPrefix.get(prefix);
    if (existing) {
      existing.add(subscription);
      return;
    }
    this.#byPrefix.set(prefix, new Set([subscription]));
    this.#countByLength.set(prefix.length, (this.#countByLength.get(prefix.length) ?? 0) + 1);
  }

  remove(subscription: Subscription): void {
    this.#others.delete(subscription);
    const { prefix } = subscription.range;
    if (prefix === undefined) return;
    const subscriptions = this.#byPrefix.get(prefix);
    if (!subscriptions?.delete(subscription) || subscriptions.size > 0) return;
    this.#byPrefix.delete(prefix);
    const left = (this.#countByLength.get(prefix.length) ?? 1) - 1;
    if (left > 0) this.#countByLength.set(prefix.length, left);
    else this.#countByLength.delete(prefix.length);
  }

  forKey(key: string, visit: (subscription: Subscription) => void): void {
    for (const length of this.#countByLength.keys()) {
      if (length > key.length) continue;
      for (const subscription of this.#byPrefix.get(key.slice(0, length)) ?? []) {
        if (subscription.matches(key)) visit(subscription);
      }
    }
    for (const subscription of this.#others) {
      if (subscription.matches(key)) visit(subscription);
    }
  }

  all(): Subscription[] {
    return [...this.#others, ...[...this.#byPrefix.values()].flatMap((subscriptions) => [...subscriptions])];
  }
}
