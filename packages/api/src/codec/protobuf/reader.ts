import { DecodeError } from "../json/errors.ts";

export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Texts up to this length are read by hand if they are ASCII. */
const maxCopied = 24;

/** Reads protobuf from a part of a buffer. Throws `DecodeError` rather than read past the end. */
export class WireReader {
  readonly #buffer: Buffer;
  #at: number;
  readonly #end: number;
  /** How many messages lie around this one. */
  readonly depth: number;

  constructor(buffer: Buffer, start = 0, end = buffer.length, depth = 0) {
    this.#buffer = buffer;
    this.#at = start;
    this.#end = end;
    this.depth = depth;
  }

  get isDone(): boolean {
    return this.#at >= this.#end;
  }

  /** A tag or a length. */
  uint32(): number {
    return this.#low() >>> 0;
  }

  /** A signed number of any size; past 2^53 it loses its lowest digits, as it would in JSON. */
  int64(): number {
    const start = this.#at;
    const low = this.#low();
    // The low part ended within its first five bytes: nothing but a small positive number.
    if (this.#at - start < 5) return low;
    return this.#wide(start);
  }

  bool(): boolean {
    return this.int64() !== 0;
  }

  double(): number {
    const start = this.#take(8);
    return this.#buffer.readDoubleLE(start);
  }

  string(): string {
    const start = this.#take(this.uint32());
    const plain = this.#at - start <= maxCopied ? this.#ascii(start) : undefined;
    return plain ?? this.#buffer.toString("utf8", start, this.#at);
  }

  /** Short plain text up to the position, by hand: faster than a call into the buffer; undefined when it is not plain. */
  #ascii(start: number): string | undefined {
    let text = "";
    for (let i = start; i < this.#at; i++) {
      const code = this.#buffer[i] ?? 0;
      if (code >= 0x80) return undefined;
      text += String.fromCharCode(code);
    }
    return text;
  }

  /** A view, not a copy. */
  bytes(): Buffer {
    const start = this.#take(this.uint32());
    return this.#buffer.subarray(start, this.#at);
  }

  /** The message that follows, with its length. */
  message(): WireReader {
    const start = this.#take(this.uint32());
    return new WireReader(this.#buffer, start, this.#at, this.depth + 1);
  }

  skip(wireType: number): void {
    if (wireType === wire.varint) this.int64();
    else if (wireType === wire.fixed64) this.#take(8);
    else if (wireType === wire.bytes) this.#take(this.uint32());
    else if (wireType === wire.fixed32) this.#take(4);
    else throw new DecodeError(`proto: illegal wireType ${wireType}`);
  }

  /** The low 32 bits of a varint; leaves the position after its last byte. */
  #low(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new DecodeError("proto: integer overflow");
  }

  #wide(start: number): number {
    let value = 0n;
    for (let at = start, shift = 0n; at < this.#at; at++, shift += 7n) {
      value |= BigInt((this.#buffer[at] ?? 0) & 0x7f) << shift;
    }
    return Number(BigInt.asIntN(64, value));
  }

  #byte(): number {
    const byte = this.#at < this.#end ? this.#buffer[this.#at++] : undefined;
    if (byte === undefined) throw new DecodeError("unexpected EOF");
    return byte;
  }

  /** Moves past `size` bytes and returns where they start. */
  #take(size: number): number {
    const start = this.#at;
    if (size > this.#end - start) throw new DecodeError("unexpected EOF");
    this.#at = start + size;
    return start;
  }
}
