import { compacted, futureRevision } from "../../errors.ts";
import { isEmptyRange, type KeyBounds, keyBounds } from "../../keys.ts";
import type { GetResult, Item, RangeRequest, RangeResult } from "../../store.ts";
import { decodeState, decodeVersion, encodeVersionKey, type KeyState, type KeyVersion } from "./records.ts";
import { metaKeys, type Snapshot } from "./tables.ts";
import { itemOf } from "./write-batch.ts";

const noValue = Buffer.alloc(0);

/** No change of a revision has a higher index. */
const maxIndex = 0xffff;

export function readKey(snapshot: Snapshot, key: string, atRevision: number | undefined): GetResult {
  const revision = checkRevision(snapshot, atRevision);
  const state = isPast(atRevision, revision) ? stateAt(snapshot, key, atRevision) : snapshot.state(key);
  return { item: state && itemOf(key, state, snapshot.logEntry(state).value), revision };
}

export function readRange(snapshot: Snapshot, request: RangeRequest): RangeResult {
  const revision = checkRevision(snapshot, request.revision);
  const bounds = keyBounds(request);
  if (isEmptyRange(bounds)) return { items: [], revision, more: false, remaining: 0 };
  const past = isPast(request.revision, revision) ? request.revision : undefined;
  const states = past === undefined ? currentStates(snapshot, bounds) : statesAt(snapshot, bounds, past);
  const limit = request.countOnly ? 0 : request.limit || Number.POSITIVE_INFINITY;
  const items: Item[] = [];
  let remaining = 0;
  for (const { key, state } of states) {
    if (items.length < limit) {
      items.push(itemOf(key, state, request.keysOnly ? noValue : snapshot.logEntry(state).value));
    } else if (past === undefined) {
      remaining = countCurrent(snapshot, { start: Buffer.from(key), end: bounds.end });
      break;
    } else remaining++;
  }
  return { items, revision, more: !request.countOnly && remaining > 0, remaining };
}

/** Returns the newest revision; throws where `atRevision` is beyond what is kept. */
function checkRevision(snapshot: Snapshot, atRevision: number | undefined): number {
  const revision = snapshot.revision;
  if (atRevision === undefined) return revision;
  if (atRevision > revision) throw futureRevision(atRevision, revision);
  const compactedRevision = snapshot.number(metaKeys.compactedRevision);
  if (atRevision < compactedRevision) throw compacted(atRevision, compactedRevision);
  return revision;
}

function isPast(atRevision: number | undefined, revision: number): atRevision is number {
  return atRevision !== undefined && atRevision < revision;
}

interface KeyAndState {
  readonly key: string;
  readonly state: KeyState;
}

function* currentStates(snapshot: Snapshot, bounds: KeyBounds): Generator<KeyAndState> {
  for (const { key, value } of snapshot.tables.current.getRange({ ...rangeOptions(bounds), ...snapshot.readOptions })) {
    yield { key: key.toString(), state: decodeState(value) };
  }
}

function countCurrent(snapshot: Snapshot, bounds: KeyBounds): number {
  return snapshot.tables.current.getKeysCount({ ...rangeOptions(bounds), ...snapshot.readOptions });
}

function rangeOptions({ start, end }: KeyBounds): { start: Buffer; end?: Buffer } {
  return end ? { start, end } : { start };
}

/** A key's last version up to `atRevision`, unless that deleted it. */
function stateAt(snapshot: Snapshot, key: string, atRevision: number): KeyState | undefined {
  const newest = snapshot.tables.versions.getRange({
    start: encodeVersionKey(key, { revision: atRevision, index: maxIndex }),
    end: encodeVersionKey(key, { revision: 0, index: 0 }),
    reverse: true,
    limit: 1,
    ...snapshot.readOptions,
  });
  for (const { key: bytes, value } of newest) return decodeVersion(bytes, value).state;
  return undefined;
}

/** Versions are sorted by key and then by revision: the last one up to `atRevision` before the key changes is it. */
function* statesAt(snapshot: Snapshot, bounds: KeyBounds, atRevision: number): Generator<KeyAndState> {
  let last: KeyVersion | undefined;
  for (const version of versionsFrom(snapshot, bounds)) {
    if (last?.state && last.key !== version.key) yield { key: last.key, state: last.state };
    if (version.revision <= atRevision) last = version;
    else if (last?.key !== version.key) last = undefined;
  }
  if (last?.state) yield { key: last.key, state: last.state };
}

/** A version's record is longer than its key, so the bounds are held against the key itself. */
function* versionsFrom(snapshot: Snapshot, { start, end }: KeyBounds): Generator<KeyVersion> {
  for (const { key: bytes, value } of snapshot.tables.versions.getRange({ start, ...snapshot.readOptions })) {
    const version = decodeVersion(bytes, value);
    const key = Buffer.from(version.key);
    if (end && Buffer.compare(key, end) >= 0) return;
    if (Buffer.compare(key, start) >= 0) yield version;
  }
}
