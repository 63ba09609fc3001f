const firstSize = 16 * 1024;
/** A scratch buffer grown past this by one huge object is not kept. */
const maxKept = 4 * 1024 * 1024;
/** Texts up to this length are copied by hand if they are ASCII. */
const maxCopied = 48;

/**
 * Writes protobuf from the end to the front. A message's length is then known when its header is due, so that nothing is measured first or
 * moved afterwards; whoever writes must give fields, items and entries in reverse.
 */
export class ReverseWriter {
  #buffer = Buffer.allocUnsafe(firstSize);
  #start = firstSize;

  /** Bytes written so far. */
  get size(): number {
    return this.#buffer.length - this.#start;
  }

  /** Returns a copy of what was written and starts anew. */
  take(): Buffer {
    const result = Buffer.from(this.#buffer.subarray(this.#start));
    this.reset();
    return result;
  }

  reset(): void {
    if (this.#buffer.length > maxKept) this.#buffer = Buffer.allocUnsafe(firstSize);
    this.#start = this.#buffer.length;
  }

  /** A tag, a length, or a number from 0 to 2^53. */
  varint(value: number): void {
    if (value < 0x80) {
      this.#reserve(1);
      this.#buffer[--this.#start] = value;
      return;
    }
    const bytes = varintSize(value);
    this.#reserve(bytes);
    let rest = value;
    let at = this.#start - bytes;
    this.#start = at;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#buffer[at++] = (rest % 0x80) | 0x80;
    this.#buffer[at] = rest;
  }

  /** A signed number; negative ones take ten bytes, as for int32 too. */
  int(value: number): void {
    if (value >= 0) this.varint(value);
    else this.#negative(value);
  }

  #negative(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    this.#reserve(10);
    this.#start -= 10;
    for (let i = 0; i < 9; i++, rest >>= 7n) this.#buffer[this.#start + i] = Number(rest & 0x7fn) | 0x80;
    this.#buffer[this.#start + 9] = Number(rest);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#start -= 8;
    this.#buffer.writeDoubleLE(value, this.#start);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#start -= bytes.length;
    this.#buffer.set(bytes, this.#start);
  }

  /** Bytes with their length. */
  bytes(bytes: Uint8Array): void {
    this.raw(bytes);
    this.varint(bytes.length);
  }

  /** Text with its length. */
  string(text: string): void {
    if (text.length <= maxCopied && this.#ascii(text)) return;
    const size = Buffer.byteLength(text);
    this.#reserve(size);
    this.#start -= size;
    this.#buffer.write(text, this.#start, size, "utf8");
    this.varint(size);
  }

  /** Copies short plain text by hand, which is several times faster than a call into the buffer; false when it is not plain. */
  #ascii(text: string): boolean {
    this.#reserve(text.length);
    const start = this.#start - text.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return false;
      this.#buffer[start + i] = code;
    }
    this.#start = start;
    this.varint(text.length);
    return true;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#start) return;
    const used = this.size;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, used + bytes));
    this.#buffer.copy(grown, grown.length - used, this.#start);
    this.#buffer = grown;
    this.#start = grown.length - used;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}
