import { type Clock, sleep } from "@tskube/base";
import type { Etcd3 } from "etcd3";
import { isStoreError } from "../../errors.ts";
import type { StoreEvent } from "../../store.ts";
import { defaultWatchLimits, type History } from "../../watch/hub-watch.ts";
import { Subscription } from "../../watch/subscription.ts";
import { watchStream } from "./watch-stream.ts";

const reconnectDelayMs = 200;

/** Events older than the hub's memory, over connections of their own. */
export function streamHistory(etcd: Etcd3, clock: Clock): History {
  return {
    async *read(range, fromRevision, signal) {
      const matcher = new Subscription(range, fromRevision, defaultWatchLimits);
      let next = fromRevision;
      while (!signal.aborted) {
        try {
          for await (const events of watchStream(etcd, next, signal)) {
            const { revision } = events.at(-1) as StoreEvent;
            yield { events: events.filter((event) => matcher.matches(event.key)), revision };
            next = revision + 1;
          }
        } catch (error) {
          if (!isStoreError(error, "unavailable", "timeout")) throw error;
          await sleep(clock, reconnectDelayMs, signal);
        }
      }
    },
  };
}
