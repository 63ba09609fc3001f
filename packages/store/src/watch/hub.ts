import { compacted, type StoreError } from "../errors.ts";
import type { StoreEvent } from "../store.ts";
import { RecentEvents } from "./recent-events.ts";
import type { Subscription } from "./subscription.ts";
import { SubscriptionIndex } from "./subscription-index.ts";

/**
 * Spreads one feed of all changes to every watch of a store.
 *
 * 1. The feed is complete and in order: after `publish(events, revision)` nothing up to `revision` will follow.
 * 2. Recent events are kept, so that a watch from a revision shortly ago starts without asking the backend.
 * 3. An attached subscription has been offered everything of its range from its first revision to `revision`.
 */
export class WatchHub {
  readonly #recent: RecentEvents;
  readonly #index = new SubscriptionIndex();
  readonly #wanting = new Set<Subscription>();
  #revision = 0;
  #failure: StoreError | undefined;
  readonly #started: Promise<void>;
  #settleStarted: { resolve: () => void; reject: (failure: StoreError) => void };

  constructor(recent: RecentEvents = new RecentEvents()) {
    this.#recent = recent;
    this.#settleStarted = { resolve() {}, reject() {} };
    this.#started = new Promise((resolve, reject) => {
      this.#settleStarted = { resolve, reject };
    });
    this.#started.catch(() => {}); // a store may fail before anybody watches
  }

  /** Everything up to here has been published. */
  get revision(): number {
    return this.#revision;
  }

  /** Resolves when the feed's first revision is known. */
  get started(): Promise<void> {
    return this.#started;
  }

  /** Says that the feed begins after `revision`, or goes on there after a gap, which ends the attached subscriptions. */
  start(revision: number): void {
    this.#recent.clear(revision);
    this.#revision = revision;
    this.#settleStarted.resolve();
    for (const subscription of this.#index.all()) {
      const { nextRevision } = subscription;
      if (nextRevision <= revision) subscription.fail(compacted(nextRevision, revision));
    }
  }

  /** Takes the next events of the feed; `revision` is at least that of the last one. */
  publish(events: readonly StoreEvent[], revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
    for (const event of events) {
      this.#recent.add(event);
      this.#index.forKey(event.key, (subscription) => subscription.offer(event));
    }
    for (const subscription of this.#wanting) {
      if (subscription.satisfyProgress(this.#revision)) this.#wanting.delete(subscription);
    }
  }

  /** Whether a subscription from `fromRevision` can start from what is at hand. */
  covers(fromRevision: number): boolean {
    return fromRevision > this.#recent.completeAfter;
  }

  /** Offers the recent events from the subscription's first revision on, and from now on every further one. */
  attach(subscription: Subscription): void {
    if (this.#failure) subscription.fail(this.#failure);
    this.#index.add(subscription);
    for (const event of this.#recent.from(subscription.nextRevision)) {
      if (subscription.matches(event.key)) subscription.offer(event);
    }
    this.progressWanted(subscription);
  }

  detach(subscription: Subscription): void {
    this.#index.remove(subscription);
    this.#wanting.delete(subscription);
  }

  progressWanted(subscription: Subscription): void {
    if (!subscription.satisfyProgress(this.#revision)) this.#wanting.add(subscription);
  }

  /** Ends every subscription, now and later, with `failure`. */
  fail(failure: StoreError): void {
    this.#failure ??= failure;
    this.#settleStarted.reject(failure);
    for (const subscription of this.#index.all()) subscription.fail(failure);
  }
}
