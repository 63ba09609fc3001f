import { createHash, type Hash } from "node:crypto";
import { Transform } from "node:stream";
import { CriError } from "@tskube/cri";

/** `sha256:` and 64 hexadecimal digits. */
export type Digest = string;

export const isDigest = (text: string): boolean => /^sha256:[0-9a-f]{64}$/.test(text);

export const digestOf = (data: string | Buffer): Digest => `sha256:${createHash("sha256").update(data).digest("hex")}`;

/** Passes data on and counts and hashes it. */
export class DigestStream extends Transform {
  readonly #hash: Hash = createHash("sha256");
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** The digest of everything that went through; ask once, at the end. */
  finish(): Digest {
    return `sha256:${this.#hash.digest("hex")}`;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    done(null, chunk);
  }
}

/** Throws when content is not what its name promises. */
export function demandDigest(what: string, found: Digest, wanted: Digest): void {
  if (found !== wanted) throw new CriError("DATA_LOSS", `${what} has digest ${found}, expected ${wanted}`);
}
