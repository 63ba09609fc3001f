/**
 * How the embedded store's records look as bytes. Four tables share them:
 *
 * - `log`: (revision, index) → one change with its value; index counts the changes of one revision.
 * - `current`: key → where its last change stands in the log, for keys that exist.
 * - `versions`: key, NUL, (revision, index) → the same for every change kept, for reads at a revision.
 * - `expiries`: (time, key) → the revision to delete, for keys with a time to live.
 */

/** Where a change stands in the log. */
export interface LogPosition {
  readonly revision: number;
  readonly index: number;
}

/** What is known of a key without its value. */
export interface KeyState extends LogPosition {
  readonly createRevision: number;
  readonly version: number;
  /** Milliseconds since the epoch; 0 for keys that stay. */
  readonly expiresAt: number;
}

/** A key's state as of one change; absent state means that the change deleted it. */
export interface KeyVersion extends LogPosition {
  readonly key: string;
  readonly state: KeyState | undefined;
}

export interface LogEntry {
  readonly key: string;
  /** Absent for a delete. */
  readonly state: KeyState | undefined;
  readonly previous: KeyState | undefined;
  readonly value: Buffer;
}

const positionBytes = 10;
const stateBytes = 8 + 2 + 8 + 6 + 8;

export function encodePosition({ revision, index }: LogPosition): Buffer {
  const bytes = Buffer.allocUnsafe(positionBytes);
  writePosition(bytes, 0, revision, index);
  return bytes;
}

export function decodePosition(bytes: Buffer, at = 0): LogPosition {
  return { revision: readUint64(bytes, at), index: bytes.readUInt16BE(at + 8) };
}

export function encodeState(state: KeyState): Buffer {
  const bytes = Buffer.allocUnsafe(stateBytes);
  writeState(bytes, 0, state);
  return bytes;
}

export function decodeState(bytes: Buffer, at = 0): KeyState {
  return {
    revision: readUint64(bytes, at),
    index: bytes.readUInt16BE(at + 8),
    createRevision: readUint64(bytes, at + 10),
    version: bytes.readUIntBE(at + 18, 6),
    expiresAt: bytes.readDoubleBE(at + 24),
  };
}

const hasState = 1;
const hasPrevious = 2;

/** Flags, states, key and value, one after the other. */
export function encodeLogEntry(entry: LogEntry): Buffer {
  const keyBytes = Buffer.byteLength(entry.key);
  const states = (entry.state ? stateBytes : 0) + (entry.previous ? stateBytes : 0);
  const bytes = Buffer.allocUnsafe(1 + states + 2 + keyBytes + entry.value.length);
  bytes[0] = (entry.state ? hasState : 0) | (entry.previous ? hasPrevious : 0);
  let at = 1;
  if (entry.state) at = writeState(bytes, at, entry.state);
  if (entry.previous) at = writeState(bytes, at, entry.previous);
  at = bytes.writeUInt16BE(keyBytes, at);
  at += bytes.write(entry.key, at);
  entry.value.copy(bytes, at);
  return bytes;
}

export function decodeLogEntry(bytes: Buffer): LogEntry {
  const flags = bytes[0] ?? 0;
  let at = 1;
  const state = flags & hasState ? decodeState(bytes, at) : undefined;
  if (state) at += stateBytes;
  const previous = flags & hasPrevious ? decodeState(bytes, at) : undefined;
  if (previous) at += stateBytes;
  const keyEnd = at + 2 + bytes.readUInt16BE(at);
  return { key: bytes.toString("utf8", at + 2, keyEnd), state, previous, value: bytes.subarray(keyEnd) };
}

export function encodeVersionKey(key: string, position: LogPosition): Buffer {
  const keyBytes = Buffer.byteLength(key);
  const bytes = Buffer.allocUnsafe(keyBytes + 1 + positionBytes);
  bytes.write(key);
  bytes[keyBytes] = 0;
  writePosition(bytes, keyBytes + 1, position.revision, position.index);
  return bytes;
}

/** `value` is a state, or empty where the key was deleted. */
export function decodeVersion(bytes: Buffer, value: Buffer): KeyVersion {
  const keyEnd = bytes.length - positionBytes - 1;
  const position = decodePosition(bytes, keyEnd + 1);
  return {
    ...position,
    key: bytes.toString("utf8", 0, keyEnd),
    state: value.length > 0 ? decodeState(value) : undefined,
  };
}

export function encodeExpiryKey(expiresAt: number, key: string): Buffer {
  const bytes = Buffer.allocUnsafe(8 + Buffer.byteLength(key));
  writeUint64(bytes, 0, expiresAt);
  bytes.write(key, 8);
  return bytes;
}

export function decodeExpiryKey(bytes: Buffer): { readonly expiresAt: number; readonly key: string } {
  return { expiresAt: readUint64(bytes, 0), key: bytes.toString("utf8", 8) };
}

export function encodeNumber(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  writeUint64(bytes, 0, value);
  return bytes;
}

export function decodeNumber(bytes: Buffer): number {
  return readUint64(bytes, 0);
}

function writeState(bytes: Buffer, at: number, state: KeyState): number {
  writePosition(bytes, at, state.revision, state.index);
  writeUint64(bytes, at + 10, state.createRevision);
  bytes.writeUIntBE(state.version, at + 18, 6);
  return bytes.writeDoubleBE(state.expiresAt, at + 24);
}

function writePosition(bytes: Buffer, at: number, revision: number, index: number): void {
  writeUint64(bytes, at, revision);
  bytes.writeUInt16BE(index, at + 8);
}

/** Big-endian, so that bytes sort as numbers do; safe integers only. */
function writeUint64(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  bytes.writeUInt32BE(value % 2 ** 32, at + 4);
}

function readUint64(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}
