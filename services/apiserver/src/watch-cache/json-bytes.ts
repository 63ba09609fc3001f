/** Where an object's parts stand in its JSON bytes: `{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"7",…`. */
export interface ObjectBytes {
  readonly bytes: Buffer;
  /** Where `"metadata"` begins: an item of a list goes without its kind and version. */
  readonly bodyStart: number;
  /** Where the digits of the resourceVersion begin. */
  readonly revisionStart: number;
  readonly revisionLength: number;
}

const metadataKey = Buffer.from('"metadata":{');
const revisionKey = '"resourceVersion":"';

/** An object as JSON bytes in the form that the store keeps: kind, version and metadata first, no resourceVersion. */
export function encodeStored(object: {
  readonly kind?: unknown;
  readonly apiVersion?: unknown;
  readonly metadata?: unknown;
}): Buffer {
  const { kind, apiVersion, metadata, ...rest } = object;
  const meta = { ...(metadata as Record<string, unknown>), resourceVersion: undefined };
  return Buffer.from(JSON.stringify({ kind, apiVersion, metadata: meta, ...rest }));
}

/**
 * Puts a resourceVersion into stored bytes without parsing them. Bytes of another form, written by another program, are parsed and
 * written anew.
 */
export function spliceRevision(stored: Buffer, revision: number): ObjectBytes {
  const at = stored.indexOf(metadataKey);
  const metadataEnd = at + metadataKey.byteLength;
  // Only a top-level "metadata" that follows the two short scalars may be cut open; an own resourceVersion would be doubled.
  const isCanonical = at >= 0 && isScalarHead(stored, at) && stored[metadataEnd] === 0x22;
  if (!isCanonical) return spliceRevision(encodeStored(JSON.parse(stored.toString("utf8"))), revision);
  const digits = String(revision);
  const inserted = `${revisionKey}${digits}",`;
  const bytes = longLived(stored.byteLength + inserted.length);
  stored.copy(bytes, 0, 0, metadataEnd);
  bytes.write(inserted, metadataEnd, "latin1");
  stored.copy(bytes, metadataEnd + inserted.length, metadataEnd);
  return {
    bytes,
    bodyStart: at,
    revisionStart: metadataEnd + revisionKey.length,
    revisionLength: digits.length,
  };
}

/** Where the value of `metadata` stands in the object's bytes: found by its braces, for parsing the object costs many times as much. */
export function metadataSpan({ bytes, bodyStart }: ObjectBytes): { readonly start: number; readonly end: number } {
  const start = bodyStart + metadataKey.byteLength - 1;
  let depth = 0;
  for (let at = start; at < bytes.byteLength; at++) {
    const byte = bytes[at];
    if (byte === quote) at = endOfText(bytes, at);
    else if (byte === openBrace) depth++;
    else if (byte === closeBrace && --depth === 0) return { start, end: at + 1 };
  }
  throw new Error("an object's bytes end within its metadata");
}

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Where the text that begins at `start` has its closing quote. */
function endOfText(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < bytes.byteLength && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}

/** Memory of its own: a share of Node's pool would keep the stored bytes in memory that stand beside it, and are soon not needed. */
function longLived(bytes: number): Buffer {
  return Buffer.allocUnsafeSlow(bytes);
}

/** The same object under another resourceVersion. */
export function replaceRevision(object: ObjectBytes, revision: number): ObjectBytes {
  const digits = String(revision);
  const after = object.revisionStart + object.revisionLength;
  const bytes = longLived(object.bytes.byteLength - object.revisionLength + digits.length);
  object.bytes.copy(bytes, 0, 0, object.revisionStart);
  bytes.write(digits, object.revisionStart, "latin1");
  object.bytes.copy(bytes, object.revisionStart + digits.length, after);
  return { ...object, bytes, revisionLength: digits.length };
}

/** Whether all before `end` is `{"kind":"…","apiVersion":"…",` : no object or list was opened yet. */
function isScalarHead(bytes: Buffer, end: number): boolean {
  if (end > 512) return false;
  const head = bytes.toString("latin1", 0, end);
  return /^\{"kind":"[^"\\]*","apiVersion":"[^"\\]*",$/.test(head);
}

/** Bytes of an object that has no resourceVersion, for it was never stored (dry run). */
export function unversioned(stored: Buffer): ObjectBytes {
  return { bytes: stored, bodyStart: stored.indexOf(metadataKey), revisionStart: 0, revisionLength: 0 };
}
