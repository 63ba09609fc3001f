import type { RequestInfo } from "../filters/request-info.ts";
import { oneSeat, type Work } from "./queueing/work.ts";

/** What there is, by which the cost of a request is guessed. */
export interface WorkCounts {
  /** How many objects a resource has; undefined for one that is not known. */
  objects(info: RequestInfo): number | undefined;
  /** How many watchers would be told of a change. */
  watchers(info: RequestInfo): number;
}

const objectsPerSeat = 100;
const watchersPerSeat = 10;
const msPerEvent = 5;
/** No request is taken to need more. */
export const maxSeatsOfRequest = 10;

const writeVerbs = new Set(["create", "update", "patch", "delete"]);

/** What a request will cost, in seats of which it gets at most `maxSeats`: a guess from what it asks for and what there is. */
export function estimateWork(info: RequestInfo, query: URLSearchParams, counts: WorkCounts, maxSeats: number): Work {
  if (!info.isResource) return oneSeat;
  if (info.verb === "list") return seats(listedObjects(info, query, counts), maxSeats);
  if (info.verb === "watch") return startsWithState(query) ? seats(counts.objects(info) ?? 0, maxSeats) : oneSeat;
  return writeVerbs.has(info.verb) ? writeWork(info, counts, maxSeats) : oneSeat;
}

function seats(objects: number, maxSeats: number): Work {
  if (objects <= objectsPerSeat) return oneSeat;
  return { ...oneSeat, initialSeats: Math.min(maxSeats, Math.ceil(objects / objectsPerSeat)) };
}

/** How many objects a list has to look at. */
function listedObjects(info: RequestInfo, query: URLSearchParams, counts: WorkCounts): number {
  if (info.name !== "") return 1;
  const stored = counts.objects(info) ?? 0;
  if (2 * stored <= objectsPerSeat || isFromCache(query)) return stored;
  const limit = Number(query.get("limit"));
  const shown = limit > 0 ? Math.min(limit, stored) : stored;
  // From the store all are decoded, and those that a selector leaves out as well.
  return query.has("labelSelector") || query.has("fieldSelector") ? stored + shown : 2 * shown;
}

function isFromCache(query: URLSearchParams): boolean {
  if (query.get("continue") || query.get("resourceVersionMatch") === "Exact") return false;
  const version = query.get("resourceVersion");
  const isLegacyExact = Number(query.get("limit")) > 0 && !query.get("resourceVersionMatch");
  return !(isLegacyExact && version && version !== "0");
}

function startsWithState(query: URLSearchParams): boolean {
  const sends = query.get("sendInitialEvents");
  if (sends !== null) return sends !== "false" && sends !== "0";
  const version = query.get("resourceVersion");
  return !version || version === "0";
}

/** A write with many watchers goes on costing after its answer, while they are told. */
function writeWork(info: RequestInfo, counts: WorkCounts, maxSeats: number): Work {
  if (info.resource === "serviceaccounts" && info.subresource === "token") return oneSeat; // changes nothing
  const watchers = counts.watchers(info);
  if (watchers < watchersPerSeat) return oneSeat;
  const wanted = Math.ceil(watchers / watchersPerSeat);
  const finalSeats = Math.min(wanted, maxSeats);
  return { initialSeats: 1, finalSeats, additionalMs: (wanted * msPerEvent) / finalSeats };
}
