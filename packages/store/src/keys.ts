/** All keys with a prefix (from `start` on, if given), or those from `start` up to but without `end`. */
export type KeyRange =
  | { readonly prefix: string; readonly start?: string }
  | { readonly start: string; readonly end: string; readonly prefix?: never };

/** A range of keys as bytes: from `start` up to but without `end`, which is absent where nothing is above. */
export interface KeyBounds {
  readonly start: Buffer;
  readonly end: Buffer | undefined;
}

export function keyBounds(range: KeyRange): KeyBounds {
  if (range.prefix === undefined) return { start: Buffer.from(range.start), end: Buffer.from(range.end) };
  const prefix = Buffer.from(range.prefix);
  const start = range.start === undefined ? prefix : Buffer.from(range.start);
  return { start: Buffer.compare(start, prefix) < 0 ? prefix : start, end: prefixEnd(prefix) };
}

/** The first key above all those with `prefix`; absent when there is none. */
export function prefixEnd(prefix: Uint8Array): Buffer | undefined {
  const end = Buffer.from(prefix);
  for (let last = end.length - 1; last >= 0; last--) {
    const byte = end[last] as number;
    if (byte === 0xff) continue;
    end[last] = byte + 1;
    return end.subarray(0, last + 1);
  }
  return undefined;
}

/** Whether `range` has no key at all. */
export function isEmptyRange(bounds: KeyBounds): boolean {
  return bounds.end !== undefined && Buffer.compare(bounds.start, bounds.end) >= 0;
}
