import type { IEvent, IKeyValue } from "etcd3";
import { compacted } from "../../errors.ts";
import type { KeyBounds } from "../../keys.ts";
import type { Item, StoreEvent } from "../../store.ts";

/** How etcd writes "everything from the key on". */
const noEnd = Buffer.from([0]);

/** A range as etcd's requests have it. */
export function rangeFields({ start, end }: KeyBounds): { key: Buffer; range_end: Buffer } {
  return { key: start.length > 0 ? start : noEnd, range_end: end ?? noEnd };
}

export function toItem(kv: IKeyValue): Item {
  return {
    key: kv.key.toString(),
    value: kv.value,
    modRevision: Number(kv.mod_revision),
    createRevision: Number(kv.create_revision),
    version: Number(kv.version),
  };
}

/**
 * Throws `compacted` when etcd left the previous value out although there was one: it does so when history is compacted
 * between the change and its delivery.
 */
export function toEvent(event: IEvent): StoreEvent {
  const item = toItem(event.kv);
  const { key, modRevision: revision } = item;
  const previous = event.prev_kv ? toItem(event.prev_kv) : undefined;
  if (event.type === "Put" && !previous && item.version === 1) return { type: "put", key, revision, item };
  if (!previous) throw compacted(revision, revision);
  if (event.type === "Put") return { type: "put", key, revision, item, previous };
  return { type: "delete", key, revision, previous };
}
