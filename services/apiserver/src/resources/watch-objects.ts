import {
  resourceExpired,
  type StatusError,
  timeout,
  tooLargeResourceVersion,
  tooManyRequests,
} from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { RequestContext } from "../http/context.ts";
import type { CacheEvent } from "../watch-cache/cache-event.ts";
import { eventFor } from "../watch-cache/cache-event.ts";
import type { Encoding } from "../watch-cache/encoding.ts";
import type { Entry } from "../watch-cache/entry.ts";
import type { WatchFilter } from "../watch-cache/watch-group.ts";
import { WatchMember } from "../watch-cache/watch-member.ts";
import type { ListOptions } from "./list-options.ts";
import { watchFilter } from "./select.ts";
import type { ServedResource } from "./served-resource.ts";

const freshMs = 3_000;
export interface WatchDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /** A watch without timeoutSeconds lasts between this and twice as long, so that watches do not all end together. */
  readonly minWatchMs: number;
  /** Aborts when the server drains: watches end as if their time were over. */
  readonly draining: AbortSignal;
}

/** What a new watch is told before anything new happens. */
type Start =
  | { readonly from: "state"; readonly entries: readonly Entry[]; readonly endsWithBookmark: boolean }
  | { readonly from: "events"; readonly events: readonly CacheEvent[] };

/** Streams a resource's changes until the client goes, the time is over or the server drains. */
export async function watchObjects(
  deps: WatchDeps,
  context: RequestContext,
  resource: ServedResource,
  options: ListOptions,
  encoding: Encoding,
): Promise<void> {
  const { exchange } = context;
  await waitForStart(resource, options);
  exchange.begin(200, { "content-type": encoding.streamMediaType });
  const timeMs = timeoutMs(options, deps);
  const isDue = await waitForFuture(deps, context, resource, options, timeMs);
  if (!isDue) return exchange.isGone ? undefined : exchange.end();
  await stream(deps, context, resource, options, encoding, timeMs);
}

/** State and events are read in the same turn of the event loop in which the watcher joins, so that nothing is missed or told twice. */
async function stream(
  deps: WatchDeps,
  { exchange, info, onStreaming }: RequestContext,
  resource: ServedResource,
  options: ListOptions,
  encoding: Encoding,
  timeMs: number,
): Promise<void> {
  const { cache, broadcaster } = resource;
  const filter = watchFilter(info.namespace, info.name, options, cache.options.indexedFields);
  const start = startOf(resource, info.namespace, options);
  if (start === undefined) return sendExpired(exchange, encoding, expired(options, cache.oldestRevision));

  let whenEnded = () => {};
  const ended = new Promise<void>((resolve) => {
    whenEnded = resolve;
  });
  const member = new WatchMember(exchange, () => whenEnded());
  const hasBookmarks = options.allowWatchBookmarks;
  const joined = broadcaster.join({ filter, encoding, hasBookmarks }, member);
  const end = () => member.end(hasBookmarks ? encoding.bookmark(cache.revision, false) : Buffer.alloc(0));
  const cancelTimeout = deps.clock.after(timeMs, end);
  const gone = () => member.cut();
  exchange.signal.addEventListener("abort", gone, { once: true });
  deps.draining.addEventListener("abort", end, { once: true });
  if (exchange.signal.aborted) gone();
  if (deps.draining.aborted) end();
  try {
    // Headers leave now: a client of a quiet resource must see that its watch stands.
    exchange.flushHeaders();
    const caughtUp = member.catchUp(startParts(start, cache.revision, filter, encoding));
    onStreaming?.();
    await caughtUp;
    await ended;
  } finally {
    cancelTimeout();
    joined.leave();
    deps.draining.removeEventListener("abort", end);
  }
}

/** Waits until the cache has what the watch begins with; throws when it is not there in time. */
async function waitForStart({ cache }: ServedResource, options: ListOptions): Promise<void> {
  const { resourceVersion: version, sendInitialEvents } = options;
  if (cache.isUnreadable) throw tooManyRequests("storage is (re)initializing", 1);
  if (version === undefined) {
    if (!(await cache.fresh(freshMs))) throw timeout("the watch cache is too far behind the store", 1);
  } else if (version === 0 || sendInitialEvents) {
    if (!(await cache.waitFor(version, freshMs))) throw tooLargeResourceVersion(version, cache.revision, 1);
  } else if (version < cache.oldestRevision) {
    await cache.recall(version);
  }
}

/** Whether the version that a watch begins at has come, for which it waits as long as it may last. */
async function waitForFuture(
  { draining }: WatchDeps,
  { exchange, onStreaming }: RequestContext,
  { cache }: ServedResource,
  { resourceVersion: version = 0 }: ListOptions,
  timeMs: number,
): Promise<boolean> {
  if (version <= cache.revision) return true;
  onStreaming?.();
  exchange.flushHeaders();
  return cache.waitFor(version, timeMs, AbortSignal.any([exchange.signal, draining]));
}

/** Undefined when the version asked for is too old to go on from. */
function startOf(resource: ServedResource, namespace: string, options: ListOptions): Start | undefined {
  const { cache } = resource;
  const { resourceVersion: version = 0, sendInitialEvents, allowWatchBookmarks } = options;
  // Without a version a watch begins with the state; told not to send it, it begins with what is new.
  if (sendInitialEvents ?? version === 0) {
    return { from: "state", entries: cache.list(namespace), endsWithBookmark: allowWatchBookmarks };
  }
  if (version === 0) return { from: "events", events: [] };
  const events = cache.eventsSince(version);
  return events && { from: "events", events };
}

function* startParts(start: Start, revision: number, filter: WatchFilter, encoding: Encoding): Generator<Buffer> {
  if (start.from === "state") {
    for (const entry of start.entries) if (filter.matches(entry)) yield* encoding.event("ADDED", entry);
    if (start.endsWithBookmark) yield encoding.bookmark(revision, true);
    return;
  }
  for (const event of start.events) {
    const seen = eventFor(event, filter.matches);
    if (seen) yield* encoding.event(seen.type, seen.entry);
  }
}

function timeoutMs({ timeoutSeconds }: ListOptions, { minWatchMs, random }: WatchDeps): number {
  return timeoutSeconds ? timeoutSeconds * 1_000 : minWatchMs * (1 + random());
}

function expired(options: ListOptions, oldest: number): StatusError {
  return resourceExpired(`too old resource version: ${options.resourceVersion} (${oldest})`);
}

function sendExpired(exchange: RequestContext["exchange"], encoding: Encoding, error: StatusError): void {
  exchange.write(encoding.error(error.status));
  exchange.end();
}
