import {
  badRequest,
  internalError,
  isResourceExpired,
  notFound,
  resourceExpired,
  StatusError,
  serviceUnavailable,
  tooLargeResourceVersion,
} from "@tskube/apimachinery";
import { isStoreError, type RangeResult, type Store, StoreError } from "@tskube/store";
import type { ListPosition } from "../watch-cache/encoding.ts";
import { Entry } from "../watch-cache/entry.ts";
import { decodeContinue, encodeContinue } from "./continue-token.ts";
import type { ListOptions } from "./list-options.ts";
import { selection } from "./select.ts";
import { objectKey, type ServedResource } from "./served-resource.ts";

export interface Listed {
  readonly entries: readonly Entry[];
  readonly position: ListPosition;
}

/** How long a read waits for the cache to catch up with the store before it reads the store instead. */
const freshMs = 3_000;
/** How many objects are read from the store at once while a selector thins them out. */
const storePage = 500;

/** Reads one object: newest when no version is given, else whatever is not older. Throws `notFound`. */
export async function readObject(
  resource: ServedResource,
  namespace: string,
  name: string,
  minRevision: number | undefined,
): Promise<Entry> {
  const { cache, store, info } = resource;
  const isCurrent = minRevision === undefined ? await cache.fresh(freshMs) : await waitFor(resource, minRevision);
  if (!isCurrent) return store.read(namespace, name);
  const entry = cache.get(objectKey(namespace, name));
  if (!entry) throw notFound(info, name);
  return entry;
}

/** Reads a list as its options say, from the cache wherever it has what is asked for. */
export async function listObjects(
  resource: ServedResource,
  stored: Store,
  namespace: string,
  options: ListOptions,
): Promise<Listed> {
  if (options.continue !== "") return listPage(resource, stored, namespace, options);
  const { resourceVersion: revision } = options;
  if (revision !== undefined && isExact(options)) {
    await waitFor(resource, revision);
    return listStored(resource, stored, namespace, options, revision, "");
  }
  const isCurrent = revision === undefined ? await resource.cache.fresh(freshMs) : await waitFor(resource, revision);
  if (!isCurrent) return listStored(resource, stored, namespace, options, undefined, "");
  // As upstream: whoever takes any version is given the whole list, however little was asked for.
  return listCached(resource, namespace, options, revision === 0 ? 0 : options.limit);
}

/** Pages begun at a version are of exactly that version, as they were before clients could say which they mean. */
function isExact({ match, limit, resourceVersion }: ListOptions): boolean {
  return match === "Exact" || (match === "" && limit > 0 && resourceVersion !== 0);
}

async function listPage(
  resource: ServedResource,
  stored: Store,
  namespace: string,
  options: ListOptions,
): Promise<Listed> {
  const token = decodeContinue(options.continue);
  if (options.resourceVersion) throw badRequest("specifying resource version is not allowed when using continue");
  const { prefix } = resource.cache.options;
  try {
    const kept = resource.cache.snapshots.from(namespace, token.revision, token.start);
    if (kept) {
      // History that was given up is given up for all clients, wherever their pages come from.
      await rangeOf(stored, prefix, prefix + token.start, token.revision, 1);
      return pageOf(kept, options, token.revision, options.limit);
    }
    return await listStored(resource, stored, namespace, options, token.revision, token.start);
  } catch (error) {
    throw isResourceExpired(error) ? expiredPage(token.start) : error;
  }
}

/** Throws when the version lies in the future; a cache that is not ready yet is not current. */
async function waitFor(resource: ServedResource, revision: number): Promise<boolean> {
  if (revision === 0) return resource.cache.isReady || resource.cache.waitFor(0, freshMs);
  if (await resource.cache.waitFor(revision, freshMs)) return true;
  if (!resource.cache.isReady) return false;
  throw tooLargeResourceVersion(revision, resource.cache.revision, 1);
}

function listCached(resource: ServedResource, namespace: string, options: ListOptions, limit: number): Listed {
  const { cache } = resource;
  const { revision } = cache;
  const candidates = candidatesOf(resource, namespace, options);
  const listed = pageOf(candidates, options, revision, limit);
  // Of what an index found the other pages are found in the whole as well.
  if (listed.position.continue) cache.snapshots.keep(namespace, revision, cache.list(namespace));
  return listed;
}

/** The first of the candidates that are selected, as many as the limit has room for. */
function pageOf(candidates: readonly Entry[], options: ListOptions, revision: number, limit: number): Listed {
  const select = selection(options);
  const all = select ? candidates.filter(select) : candidates;
  if (limit <= 0 || all.length <= limit) return { entries: all, position: { revision } };
  const entries = all.slice(0, limit);
  const last = entries[entries.length - 1] as Entry;
  const position: ListPosition = {
    revision,
    continue: encodeContinue({ revision, start: `${last.key}\0` }),
    ...(select ? {} : { remainingItemCount: all.length - entries.length }),
  };
  return { entries, position };
}

function candidatesOf({ cache }: ServedResource, namespace: string, options: ListOptions): Entry[] {
  const name = options.fields.exactValue("metadata.name");
  const inNamespace = (entry: Entry) => namespace === "" || entry.namespace === namespace;
  if (name !== undefined && namespace !== "") {
    const entry = cache.get(objectKey(namespace, name));
    return entry ? [entry] : [];
  }
  for (const field of cache.options.indexedFields) {
    const value = options.fields.exactValue(field);
    const found = value === undefined ? undefined : cache.listByField(field, value);
    if (found) return found.filter(inNamespace);
  }
  return cache.list(namespace);
}

/** Reads page by page from the store as it was at `revision` until the limit is full. */
async function listStored(
  resource: ServedResource,
  stored: Store,
  namespace: string,
  options: ListOptions,
  atRevision: number | undefined,
  start: string,
): Promise<Listed> {
  const { cache } = resource;
  const prefix = cache.options.prefix + (namespace === "" ? "" : `${namespace}/`);
  const select = selection(options);
  const limit = options.limit > 0 ? options.limit : Number.POSITIVE_INFINITY;
  const entries: Entry[] = [];
  let revision = atRevision === -1 ? undefined : atRevision;
  let next = start === "" ? prefix : cache.options.prefix + start;
  for (;;) {
    const page = await rangeOf(stored, prefix, next, revision, select ? storePage : Math.min(limit, 10_000));
    revision ??= page.revision;
    for (const item of page.items) {
      const key = item.key.slice(cache.options.prefix.length);
      const entry = Entry.fromStored(key, item.value, item.modRevision, cache.options.describe);
      next = `${item.key}\0`;
      if (!select || select(entry)) entries.push(entry);
      if (entries.length >= limit) break;
    }
    const isLastOfPage = next === `${page.items.at(-1)?.key}\0`;
    const hasMore = page.more || (page.items.length > 0 && !isLastOfPage);
    if (!hasMore) return { entries, position: { revision } };
    if (entries.length >= limit) {
      const token = encodeContinue({ revision, start: next.slice(cache.options.prefix.length) });
      const remaining = select ? {} : { remainingItemCount: page.remaining };
      return { entries, position: { revision, continue: token, ...remaining } };
    }
  }
}

async function rangeOf(
  stored: Store,
  prefix: string,
  start: string,
  revision: number | undefined,
  limit: number,
): Promise<RangeResult> {
  try {
    return await stored.range({ prefix, start, limit, ...(revision === undefined ? {} : { revision }) });
  } catch (error) {
    throw storeFailure(error);
  }
}

/** The history that a page belongs to is gone, but who can do with a list of two moments may go on in the present. */
function expiredPage(start: string): StatusError {
  const { status } = resourceExpired(
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
  );
  return new StatusError({ ...status, metadata: { continue: encodeContinue({ revision: -1, start }) } });
}

/** A store's error as clients know it. */
export function storeFailure(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  if (isStoreError(error, "compacted")) {
    return resourceExpired("The resourceVersion for the provided list is too old.");
  }
  if (isStoreError(error, "futureRevision"))
    return resourceExpired("The resourceVersion for the provided list is too new.");
  if (error instanceof StoreError) return serviceUnavailable(`store: ${error.message}`);
  return internalError(error);
}
