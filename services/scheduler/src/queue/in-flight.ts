import type { KubeObject } from "@tskube/api";
import type { ClusterEvent } from "../framework/events.ts";

export interface ObservedEvent {
  readonly event: ClusterEvent;
  readonly old: KubeObject | undefined;
  readonly object: KubeObject | undefined;
}

/**
 * What happened while pods were being scheduled: a pod that turns out unschedulable looks at the events it has missed.
 * Events are kept from the oldest pod in flight on, and not at all when there is none.
 */
export class InFlight {
  readonly #since = new Map<string, number>();
  #events: ObservedEvent[] = [];
  /** The number of the first event kept. */
  #base = 0;

  get size(): number {
    return this.#since.size;
  }

  start(uid: string): void {
    this.#since.set(uid, this.#base + this.#events.length);
  }

  has(uid: string): boolean {
    return this.#since.has(uid);
  }

  observe(observed: ObservedEvent): void {
    if (this.#since.size > 0) this.#events.push(observed);
  }

  /** What the pod has missed. */
  eventsSince(uid: string): readonly ObservedEvent[] {
    const since = this.#since.get(uid);
    return since === undefined ? [] : this.#events.slice(since - this.#base);
  }

  done(uid: string): void {
    const since = this.#since.get(uid);
    if (since === undefined) return;
    this.#since.delete(uid);
    if (this.#since.size === 0) {
      this.#base += this.#events.length;
      this.#events = [];
      return;
    }
    // Insertion order is order of starts, so the first is the oldest.
    const [oldest = this.#base] = this.#since.values();
    if (oldest > this.#base) {
      this.#events = this.#events.slice(oldest - this.#base);
      this.#base = oldest;
    }
  }
}
