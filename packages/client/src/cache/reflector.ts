import type { KubeObject } from "@tskube/api";
import { backoffMs, type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import { objectKey } from "../object-key.ts";
import type { ResourceClient } from "../rest/resource-client.ts";
import { isExpired, isStatusError, isTooLargeResourceVersion } from "../rest/status.ts";
import { isInitialEventsEnd, type WatchEvent, type WatchOptions } from "../watch/watch.ts";

/** Where a reflector's findings go. */
export interface ReflectorSink<T> {
  /** The whole truth at one resourceVersion: whatever is not in `objects` does not exist. */
  replace(objects: readonly T[], resourceVersion: string): void;
  change(event: { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }): void;
  /** Nothing has changed up to this version besides what has been told. */
  reached?(resourceVersion: string): void;
}

export interface Selection {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ReflectorDeps<T extends KubeObject> {
  readonly source: Pick<ResourceClient<T>, "info" | "pages" | "watch">;
  readonly sink: ReflectorSink<T>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

export interface ReflectorOptions extends Selection {
  /** First wait after a failure and the longest one. */
  readonly minBackoffMs?: number;
  readonly maxBackoffMs?: number;
  /** Asks for the initial state as a watch before listing; true when absent. */
  readonly watchList?: boolean;
}

/** Quick enough to ride out a restarting server unnoticed; full jitter keeps a large cluster's clients from coming back in step. */
const minBackoffMs = 200;
const maxBackoffMs = 30_000;
/** A server that ends watches at once without a word is failing. */
const shortWatchMs = 1_000;
const minWatchSeconds = 300;

/**
 * Keeps `sink` equal to what the server has, until `signal` aborts; never rejects.
 *
 * Invariants:
 * 1. `resourceVersion` is the version of the last thing handed to the sink; a watch resumes exactly after it.
 * 2. The sink is replaced only by a complete state, so a broken initial listing loses nothing and deletes nothing.
 * 3. A version is forgotten (and the state fetched anew) only when the server says it is too old (410) or from another history.
 */
export async function runReflector<T extends KubeObject>(
  deps: ReflectorDeps<T>,
  options: ReflectorOptions,
  signal: AbortSignal,
): Promise<void> {
  const { source, sink, clock, logger, random = Math.random } = deps;
  const { labelSelector, fieldSelector } = options;
  let resourceVersion: string | undefined;
  let watchList = options.watchList ?? true;
  let failures = 0;

  while (!signal.aborted) {
    try {
      if (resourceVersion === undefined) resourceVersion = await initialState();
      else await follow();
    } catch (error) {
      if (signal.aborted) return;
      await recover(error);
    }
  }

  /** Fetches and hands over the whole state; returns its version. */
  async function initialState(): Promise<string | undefined> {
    if (!watchList) return listState();
    try {
      return await watchState();
    } catch (error) {
      // An answer that refuses the option itself; everything else is the server's or the network's bad moment.
      if (!isStatusError(error) || error.code < 400 || error.code >= 500 || error.code === 429 || isExpired(error))
        throw error;
      logger.debug(
        { resource: source.info.resource, error: errorMessage(error) },
        "server refuses streaming lists, listing instead",
      );
      watchList = false;
      return undefined;
    }
  }

  async function listState(): Promise<string> {
    const objects: T[] = [];
    let version = "";
    for await (const page of source.pages({ labelSelector, fieldSelector, signal })) {
      for (const object of page.items) objects.push(object);
      version = page.metadata.resourceVersion ?? version;
    }
    sink.replace(objects, version);
    return version;
  }

  /** Reads the initial events, hands them over at their end and goes on following in the same stream. */
  async function watchState(): Promise<string | undefined> {
    let collecting: Map<string, T> | undefined = new Map();
    for await (const event of openWatch({ sendInitialEvents: true, resourceVersionMatch: "NotOlderThan" })) {
      if (!collecting) {
        deliver(event);
      } else if (isInitialEventsEnd(event)) {
        const version: string = event.object.metadata.resourceVersion ?? "";
        sink.replace([...collecting.values()], version);
        collecting = undefined;
        resourceVersion = version;
        failures = 0;
      } else if (event.type === "DELETED") {
        collecting.delete(objectKey(event.object));
      } else if (event.type !== "BOOKMARK") {
        collecting.set(objectKey(event.object), event.object);
      }
    }
    if (collecting && !signal.aborted) throw new Error("watch ended before the initial events did");
    return resourceVersion;
  }

  async function follow(): Promise<void> {
    const startedAt = clock.monotonic();
    let events = 0;
    for await (const event of openWatch({ resourceVersion })) {
      events++;
      deliver(event);
    }
    if (events === 0 && !signal.aborted && clock.monotonic() - startedAt < shortWatchMs) {
      throw new Error("very short watch without events");
    }
  }

  function openWatch(more: WatchOptions): AsyncGenerator<WatchEvent<T>> {
    // Spread over five to ten minutes, so that the watches of many clients do not all reconnect at one moment.
    const timeoutSeconds = Math.round(minWatchSeconds * (1 + random()));
    return source.watch({ labelSelector, fieldSelector, allowWatchBookmarks: true, timeoutSeconds, signal, ...more });
  }

  function deliver(event: WatchEvent<T>): void {
    const version = event.object.metadata.resourceVersion;
    if (event.type !== "BOOKMARK") sink.change(event);
    else if (version) sink.reached?.(version);
    resourceVersion = version ?? resourceVersion;
    failures = 0;
  }

  async function recover(error: unknown): Promise<void> {
    const { resource } = source.info;
    if (isExpired(error) || isTooLargeResourceVersion(error)) {
      logger.info({ resource, resourceVersion }, "watched version is gone, fetching everything anew");
      resourceVersion = undefined;
      if (failures++ === 0) return; // expected after a long silence: no reason to wait
    } else {
      failures++;
    }
    const waitMs = backoffMs(failures, {
      baseMs: options.minBackoffMs ?? minBackoffMs,
      maxMs: options.maxBackoffMs ?? maxBackoffMs,
      jitter: 1,
      random,
    });
    logger.debug({ resource, error: errorMessage(error), waitMs, failures }, "watch failed, trying again");
    await sleep(clock, waitMs, signal);
  }
}
