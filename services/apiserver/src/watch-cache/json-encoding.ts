import type { KubeObject } from "@tskube/api";
import type { Encoding, ListPosition } from "./encoding.ts";
import type { Entry } from "./entry.ts";

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
      ...itemParts(entries, "plain", plainItem),
      listTail,
    ],
    event: (type, entry) => [eventHeads[type], entry.bytes, eventTail],
    bookmark: (revision, endsInitialEvents) =>
      jsonEvent("BOOKMARK", { kind, apiVersion, metadata: bookmarkMetadata(revision, endsInitialEvents) }),
    error: (status) => jsonEvent("ERROR", status),
  };
}

/** The items of a list with commas between them: whole blocks in one part each, other objects in parts of their own. */
function itemParts(entries: readonly Entry[], form: string, item: (entry: Entry) => readonly Buffer[]): Buffer[] {
  const join = (run: readonly Entry[]) => Buffer.concat(run.flatMap(item));
  const parts: Buffer[] = [];
  for (let at = 0; at < entries.length; ) {
    const entry = entries[at] as Entry;
    const { block } = entry;
    if (block?.standsIn(entries, at)) {
      parts.push(block.joined(form, join));
      at += block.entries.length;
    } else {
      parts.push(...item(entry));
      at++;
    }
  }
  if (parts[0]) parts[0] = parts[0].subarray(1); // no comma before the first
  return parts;
}

/** A comma and an object without its kind and version, which the list has. */
function plainItem(entry: Entry): readonly Buffer[] {
  return [nextItem, entry.bytes.subarray(entry.json.bodyStart)];
}

/** Objects that `shape` makes of the stored ones, as JSON. */
export function shapedJsonEncoding(options: {
  readonly key: string;
  readonly mediaType: string;
  readonly listKind: string;
  readonly kind: string;
  readonly apiVersion: string;
  readonly shape: (object: KubeObject) => object;
}): Encoding {
  const { key, kind, listKind, apiVersion, shape } = options;
  const encode = (entry: Entry) => Buffer.from(JSON.stringify(shape(entry.object)));
  return {
    key,
    mediaType: options.mediaType,
    streamMediaType: options.mediaType,
    object: (entry) => encode(entry),
    list: (entries, position) => [
      jsonListHead(listKind, apiVersion, position),
      ...itemParts(entries, key, (entry) => [comma, encode(entry)]),
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
