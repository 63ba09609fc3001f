import type { KubeObject } from "@tskube/api";
import { CacheEvent, type EventType } from "../cache-event.ts";
import { type Describe, Entry } from "../entry.ts";
import { encodeStored } from "../json-bytes.ts";

export const describeObject: Describe = ({ metadata }) => ({
  labels: metadata.labels ?? {},
  fields: { "metadata.name": metadata.name, node: metadata.annotations?.["node"] ?? "" },
});

/** A ConfigMap `namespace/name` at a revision. */
export function anEntry(key: string, revision: number, metadata: Partial<KubeObject["metadata"]> = {}): Entry {
  const [namespace = "", name = ""] = key.split("/");
  const object = { kind: "ConfigMap", apiVersion: "v1", metadata: { name, namespace, ...metadata } };
  return Entry.fromStored(key, encodeStored(object), revision, describeObject);
}

export function anEvent(type: EventType, entry: Entry, previous?: Entry): CacheEvent {
  return new CacheEvent(type, entry.revision, entry, previous);
}
