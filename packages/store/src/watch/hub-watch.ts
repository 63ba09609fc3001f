import { aborted } from "@tskube/base";
import type { KeyRange } from "../keys.ts";
import type { Watch, WatchBatch, WatchRequest } from "../store.ts";
import type { WatchHub } from "./hub.ts";
import { Subscription, type SubscriptionLimits } from "./subscription.ts";

/** Where a backend finds the events that its hub no longer keeps. */
export interface History {
  /**
   * The range's events from `fromRevision` on, whole revisions at a time, each batch telling up to where it is
   * complete; ends, or is left, when the hub can take over. Throws `compacted` where they are gone.
   */
  read(range: KeyRange, fromRevision: number, signal: AbortSignal): AsyncIterable<WatchBatch>;
}

export interface HubWatchDeps {
  readonly hub: WatchHub;
  readonly history: History;
  readonly limits: SubscriptionLimits;
}

/** What a watch may lag behind before it is cut. */
export const defaultWatchLimits: SubscriptionLimits = { maxEvents: 20_000, maxBytes: 64 * 1024 * 1024 };

/** Stores begin at revision 1, with nothing in them. */
const firstChange = 2;

/** A watch that reads history as fast as its consumer asks, until the hub's recent events reach back far enough. */
export function watchHub({ hub, history, limits }: HubWatchDeps, request: WatchRequest, parent: AbortSignal): Watch {
  const subscription = new Subscription(request, Math.max(request.fromRevision, firstChange), limits);
  // One of its own, since many watches under one signal would be taken for a leak of listeners.
  const signal = AbortSignal.any([parent]);
  let isAttached = false;

  async function* catchUp(): AsyncGenerator<WatchBatch> {
    await Promise.race([hub.started, aborted(signal)]);
    while (!hub.covers(subscription.nextRevision) && !signal.aborted) {
      for await (const batch of history.read(request, subscription.nextRevision, signal)) {
        subscription.skipTo(batch.revision + 1);
        if (batch.events.length > 0) yield batch;
        if (hub.covers(subscription.nextRevision)) break;
      }
    }
  }

  async function* live(): AsyncGenerator<WatchBatch> {
    isAttached = true;
    hub.attach(subscription);
    try {
      for (;;) {
        await subscription.ready(signal);
        if (signal.aborted) return;
        const events = subscription.take(hub.revision);
        yield { events, revision: subscription.nextRevision - 1 };
      }
    } finally {
      hub.detach(subscription);
    }
  }

  return {
    requestProgress(revision) {
      subscription.wantProgress(revision);
      if (isAttached) hub.progressWanted(subscription);
    },
    async *[Symbol.asyncIterator]() {
      yield* catchUp();
      if (!signal.aborted) yield* live();
    },
  };
}
