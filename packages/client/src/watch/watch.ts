import type { KubeObject } from "@tskube/api";
import type { Query } from "../rest/resource.ts";
import type { RestClient } from "../rest/rest-client.ts";
import { statusErrorFrom } from "../rest/status.ts";
import { jsonLines } from "./json-lines.ts";

export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  /** Says that everything up to the object's resourceVersion has been sent; the object has nothing else but metadata. */
  | { readonly type: "BOOKMARK"; readonly object: KubeObject };

export interface WatchOptions {
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: "NotOlderThan" | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly allowWatchBookmarks?: boolean;
  /** Asks for the present objects as ADDED events, ended by a bookmark for which `isInitialEventsEnd` is true. */
  readonly sendInitialEvents?: boolean;
  /** When the server should end the watch by itself. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal | undefined;
}

/** The annotation of the bookmark that ends the initial events. */
export const initialEventsEndAnnotation = "k8s.io/initial-events-end";

export function isInitialEventsEnd(event: WatchEvent<KubeObject>): boolean {
  return event.type === "BOOKMARK" && event.object.metadata.annotations?.[initialEventsEndAnnotation] === "true";
}

/**
 * The events of a watch in the server's order. Ends when the server closes the stream; throws a StatusError for an ERROR event
 * (410 when the version is too old) and an ordinary error when the connection breaks. Leaving the loop closes the watch.
 */
export async function* watch<T>(rest: RestClient, path: string, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
  const { signal, ...query } = options;
  const response = await rest.open({ method: "GET", path, query: { ...(query as Query), watch: true }, signal });
  for await (const value of jsonLines(response.body)) yield parseEvent<T>(value);
}

function parseEvent<T>(value: unknown): WatchEvent<T> {
  const event = value as { readonly type?: unknown; readonly object?: unknown };
  if (typeof event !== "object" || event === null || typeof event.object !== "object" || event.object === null) {
    throw new Error("watch event has no object");
  }
  switch (event.type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
    case "BOOKMARK":
      return event as WatchEvent<T>;
    case "ERROR":
      throw statusErrorFrom(event.object);
    default:
      throw new Error(`unknown watch event type ${JSON.stringify(event.type)}`);
  }
}
