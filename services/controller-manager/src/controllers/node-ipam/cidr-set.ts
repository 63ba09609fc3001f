import { type Cidr, overlaps } from "../../net/cidr.ts";

/** Shares of equal size of one range, given out in order and taken back. */
export class CidrSet {
  readonly #range: Cidr;
  readonly #shareBits: number;
  readonly #taken = new Set<number>();
  readonly size: number;
  #next = 0;

  /** `sharePrefix` is the mask size of a share; it must be within the range's and at most 16 bits longer, as upstream limits it. */
  constructor(range: Cidr, sharePrefix: number) {
    const extra = sharePrefix - range.prefix;
    if (extra < 0 || extra > 16 || sharePrefix > range.bits)
      throw new Error(`a /${sharePrefix} for every node does not fit into a range of /${range.prefix}`);
    this.#range = range;
    this.#shareBits = sharePrefix;
    this.size = 2 ** extra;
  }

  /** The next free share after the last one given, so that a freed one is not used again at once; undefined when all are taken. */
  allocate(): Cidr | undefined {
    for (let step = 0; step < this.size; step++) {
      const index = (this.#next + step) % this.size;
      if (this.#taken.has(index)) continue;
      this.#taken.add(index);
      this.#next = (index + 1) % this.size;
      return this.#share(index);
    }
    return undefined;
  }

  /** Takes all shares that `cidr` touches. */
  occupy(cidr: Cidr): void {
    for (const index of this.#indexesOf(cidr)) this.#taken.add(index);
  }

  release(cidr: Cidr): void {
    for (const index of this.#indexesOf(cidr)) this.#taken.delete(index);
  }

  covers(cidr: Cidr): boolean {
    return overlaps(this.#range, cidr);
  }

  #share(index: number): Cidr {
    const base = this.#range.base + (BigInt(index) << BigInt(this.#range.bits - this.#shareBits));
    return { ...this.#range, base, prefix: this.#shareBits };
  }

  #indexesOf(cidr: Cidr): number[] {
    if (!this.covers(cidr)) return [];
    const shift = BigInt(this.#range.bits - this.#shareBits);
    const last = cidr.base + (1n << BigInt(cidr.bits - cidr.prefix)) - 1n;
    const from = Math.max(0, Number((cidr.base - this.#range.base) >> shift));
    const to = Math.min(this.size - 1, Number((last - this.#range.base) >> shift));
    return Array.from({ length: to - from + 1 }, (_, offset) => from + offset);
  }
}
