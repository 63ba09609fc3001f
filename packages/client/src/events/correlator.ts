import type { Event } from "@tskube/api";
import type { Clock } from "@tskube/base";
import { LruMap } from "./lru-map.ts";

/** What is to be done about an event. */
export type Correlated =
  | { readonly kind: "create"; readonly event: Event; readonly key: string }
  /** Seen before under `event.metadata.name`: raise its count. */
  | { readonly kind: "count"; readonly event: Event; readonly key: string }
  /** The object is being talked about too much. */
  | { readonly kind: "drop" };

/** client-go's defaults. */
const cacheSize = 4096;
const spamBurst = 25;
const spamQps = 1 / 300;
const similarLimit = 10;
const similarWindowMs = 600_000;

interface Spam {
  tokens: number;
  countedAt: number;
}

interface Similar {
  readonly messages: Set<string>;
  lastAt: number;
}

/**
 * Keeps a flood of events small, in three steps as client-go does: an object may be the subject of 25 events at once and one in
 * five minutes after; more than ten different messages of one reason in ten minutes become one "combined" event; the same event again
 * raises a count.
 */
export class EventCorrelator {
  readonly #clock: Clock;
  readonly #spam = new LruMap<string, Spam>(cacheSize);
  readonly #similar = new LruMap<string, Similar>(cacheSize);
  /** The last form of each event known to be stored. */
  readonly #stored = new LruMap<string, Event>(cacheSize);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  correlate(event: Event): Correlated {
    if (!this.#mayTalkAbout(event)) return { kind: "drop" };
    const similarKey = similarKeyOf(event);
    const isCombined = this.#countSimilar(similarKey, event.message ?? "") > similarLimit;
    const key = isCombined ? similarKey : `${similarKey}\n${event.message}`;
    const message = isCombined ? `(combined from similar events): ${event.message}` : event.message;
    const known = this.#stored.get(key);
    const next: Event = known
      ? {
          ...event,
          message,
          metadata: known.metadata,
          firstTimestamp: known.firstTimestamp,
          count: (known.count ?? 1) + 1,
        }
      : { ...event, message };
    this.#stored.set(key, next);
    return { kind: known ? "count" : "create", event: next, key };
  }

  /** Remembers what the server made of an event. */
  stored(key: string, event: Event): void {
    const known = this.#stored.get(key);
    // Later counts may be under way already; the server's answer must not turn them back.
    this.#stored.set(
      key,
      known && (known.count ?? 1) > (event.count ?? 1) ? { ...known, metadata: event.metadata } : event,
    );
  }

  #mayTalkAbout(event: Event): boolean {
    const key = spamKeyOf(event);
    const now = this.#clock.monotonic();
    const spam = this.#spam.get(key) ?? { tokens: spamBurst, countedAt: now };
    spam.tokens = Math.min(spamBurst, spam.tokens + ((now - spam.countedAt) / 1000) * spamQps);
    spam.countedAt = now;
    const isAllowed = spam.tokens >= 1;
    if (isAllowed) spam.tokens -= 1;
    this.#spam.set(key, spam);
    return isAllowed;
  }

  /** How many different messages there were lately, this one included. */
  #countSimilar(key: string, message: string): number {
    const now = this.#clock.monotonic();
    const known = this.#similar.get(key);
    const similar =
      known && now - known.lastAt <= similarWindowMs ? known : { messages: new Set<string>(), lastAt: now };
    if (similar.messages.size <= similarLimit) similar.messages.add(message);
    similar.lastAt = now;
    this.#similar.set(key, similar);
    return similar.messages.size;
  }
}

function spamKeyOf({ source, involvedObject: about }: Event): string {
  return [source?.component, source?.host, about.kind, about.namespace, about.name, about.uid, about.apiVersion].join(
    "\n",
  );
}

function similarKeyOf(event: Event): string {
  return [
    spamKeyOf(event),
    event.involvedObject.fieldPath,
    event.type,
    event.reason,
    event.reportingComponent,
    event.reportingInstance,
  ].join("\n");
}
