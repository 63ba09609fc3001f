import { CriError } from "./error.ts";
import type { ContainerEventResponse } from "./types.ts";

interface Subscriber {
  readonly waiting: ContainerEventResponse[];
  wake: () => void;
  overrun: boolean;
}

/** Hands each container event to every reader of GetContainerEvents. */
export interface EventHub {
  publish(event: ContainerEventResponse): void;
  /** Events published from the first `next()` on, until `signal` aborts. A reader too slow for its share of memory is cut off with an error. */
  subscribe(signal: AbortSignal): AsyncIterable<ContainerEventResponse>;
}

/** Creates a hub that holds at most `limit` unread events for each reader. */
export function createEventHub(limit = 1_000): EventHub {
  const subscribers = new Set<Subscriber>();

  async function* subscribe(signal: AbortSignal): AsyncGenerator<ContainerEventResponse> {
    const self: Subscriber = { waiting: [], wake: () => {}, overrun: false };
    const wake = () => self.wake();
    subscribers.add(self);
    signal.addEventListener("abort", wake);
    try {
      while (!signal.aborted) {
        const event = self.waiting.shift();
        if (event) yield event;
        else if (self.overrun) throw new CriError("RESOURCE_EXHAUSTED", `reader is more than ${limit} events behind`);
        else await new Promise<void>((resolve) => (self.wake = resolve));
      }
    } finally {
      subscribers.delete(self);
      signal.removeEventListener("abort", wake);
    }
  }

  return {
    publish(event) {
      for (const subscriber of subscribers) {
        if (subscriber.waiting.length < limit && !subscriber.overrun) subscriber.waiting.push(event);
        else subscriber.overrun = true;
        subscriber.wake();
      }
    },
    subscribe,
  };
}
