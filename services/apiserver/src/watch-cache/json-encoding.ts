import type { Encoding, ListPosition } from "./encoding.ts";
import type { Entry } from "./entry.ts";
import { type ItemForm, itemParts, joinItems } from "./item-parts.ts";

export const initialEventsEndAnnotation = "k8s.io/initial-events-end";

const eventHeads = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
};
const eventTail = Buffer.from("}\n");
const comma = Buffer.from(",");
const nextItem = Buffer.from(",{");
const listTail = Buffer.from("]}");

/** A kind as JSON in the version that it is stored in: the cached bytes are the answer. */
export function jsonEncoding(kind: string, apiVersion: string): Encoding {
  return {
    key: `json:${apiVersion}`,
    mediaType: "application/json",
    streamMediaType: "application/json",
    object: (entry) => entry.bytes,
    list: (entries, position) => [
      jsonListHead(`${kind}List`, apiVersion, position),
      ...commaParts(entries, plainItems),
      listTail,
    ],
    event: (type, entry) => [eventHeads[type], entry.bytes, eventTail],
    bookmark: (revision, endsInitialEvents) =>
      jsonEvent("BOOKMARK", { kind, apiVersion, metadata: bookmarkMetadata(revision, endsInitialEvents) }),
    error: (status) => jsonEvent("ERROR", status),
  };
}

/** Items with commas between them; each has one before it, which the first one loses. */
function commaParts(entries: readonly Entry[], form: ItemForm): Buffer[] {
  const parts = itemParts(entries, form);
  if (parts[0]) parts[0] = parts[0].subarray(1);
  return parts;
}

/** A comma and an object without its kind and version, which the list has. */
const plainItem = (entry: Entry): readonly Buffer[] => [nextItem, entry.bytes.subarray(entry.json.bodyStart)];
const plainItems: ItemForm = { key: "plain", item: plainItem, join: joinItems(plainItem) };

/** Objects that `encode` makes of the stored ones, as JSON. */
export function shapedJsonEncoding(options: {
  readonly key: string;
  readonly mediaType: string;
  readonly listKind: string;
  readonly kind: string;
  readonly apiVersion: string;
  readonly encode: (entry: Entry) => Buffer;
}): Encoding {
  const { key, kind, listKind, apiVersion, encode } = options;
  const item = (entry: Entry) => [comma, encode(entry)];
  const items: ItemForm = { key, item, join: joinItems(item) };
  return {
    key,
    mediaType: options.mediaType,
    streamMediaType: options.mediaType,
    object: encode,
    list: (entries, position) => [
      jsonListHead(listKind, apiVersion, position),
      ...commaParts(entries, items),
      listTail,
    ],
    event: (type, entry) => [eventHeads[type], encode(entry), eventTail],
    bookmark: (revision, endsInitialEvents) =>
      jsonEvent("BOOKMARK", { kind, apiVersion, metadata: bookmarkMetadata(revision, endsInitialEvents) }),
    error: (status) => jsonEvent("ERROR", status),
  };
}

export function jsonEvent(type: string, object: object): Buffer {
  return Buffer.from(`${JSON.stringify({ type, object })}\n`);
}

export function bookmarkMetadata(revision: number, endsInitialEvents: boolean): Readonly<Record<string, unknown>> {
  return {
    resourceVersion: String(revision),
    creationTimestamp: null,
    ...(endsInitialEvents && { annotations: { [initialEventsEndAnnotation]: "true" } }),
  };
}

export function listMetadata(position: ListPosition): Readonly<Record<string, unknown>> {
  return {
    resourceVersion: String(position.revision),
    ...(position.continue && { continue: position.continue }),
    ...(position.remainingItemCount !== undefined && { remainingItemCount: position.remainingItemCount }),
  };
}

function jsonListHead(kind: string, apiVersion: string, position: ListPosition): Buffer {
  const metadata = JSON.stringify(listMetadata(position));
  return Buffer.from(`{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${metadata},"items":[`);
}
