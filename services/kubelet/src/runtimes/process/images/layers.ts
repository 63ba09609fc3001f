import { createReadStream } from "node:fs";
import { chmod, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { newId } from "@tskube/cri";
import { KeyedLock } from "../keyed-lock.ts";
import { fileDecompressor } from "./decompress.ts";
import { type Digest, DigestStream, demandDigest, digestOf } from "./digest.ts";
import { unpackLayer } from "./unpack-layer.ts";

/** An unpacked layer: its name among the layers, and the bytes of its files. */
export interface Layer {
  readonly name: string;
  readonly bytes: number;
}

/** Layer names are short, for an overlay mount lists all of an image's. */
const nameLength = 20;

/**
 * Unpacked layers, each once for all images. A layer is named after its content and everything below it, since what it hides there is part of it. It appears
 * under its name when it is complete.
 */
export class Layers {
  readonly #dir: string;
  readonly #scratch: string;
  readonly #lock = new KeyedLock();
  /** Layers of images that are being put together, with how many wait for them. */
  readonly #held = new Map<string, number>();

  constructor(dir: string, scratch: string) {
    this.#dir = dir;
    this.#scratch = scratch;
  }

  dirOf(name: string): string {
    return join(this.#dir, name);
  }

  /** The names of an image's layers, lowest first, by the digests of their uncompressed tarballs. */
  names(diffIds: readonly Digest[]): string[] {
    let chain = "";
    return diffIds.map((diffId) => {
      chain = chain ? digestOf(`${chain} ${diffId}`) : diffId;
      return chain.slice("sha256:".length, "sha256:".length + nameLength);
    });
  }

  async has(name: string): Promise<boolean> {
    return (await this.list()).includes(name);
  }

  async list(): Promise<string[]> {
    return readdir(this.#dir);
  }

  /** Unpacks a layer's tarball, plain or compressed, unless it is there. `below` are the names under it, lowest first. */
  unpack(name: string, diffId: Digest, tarball: string, below: readonly string[]): Promise<void> {
    return this.#lock.run(name, async () => {
      if (await this.has(name)) return;
      const dir = join(this.#scratch, newId().slice(0, nameLength));
      await mkdir(dir);
      await chmod(dir, 0o755);
      try {
        const lowers = below.map((one) => this.dirOf(one)).reverse();
        await unpackFile(tarball, diffId, dir, lowers);
        await rename(dir, this.dirOf(name));
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    });
  }

  /** Keeps layers from being deleted while no record names them yet. The returned function ends that. */
  hold(names: readonly string[]): () => void {
    for (const name of names) this.#held.set(name, (this.#held.get(name) ?? 0) + 1);
    return () => {
      for (const name of names) {
        const count = (this.#held.get(name) ?? 0) - 1;
        if (count > 0) this.#held.set(name, count);
        else this.#held.delete(name);
      }
    };
  }

  /** Deletes all layers but these and those held. */
  async keepOnly(names: ReadonlySet<string>): Promise<void> {
    for (const name of await this.list()) {
      if (names.has(name) || this.#held.has(name)) continue;
      // Out of the way first, so that a crash leaves no half of a layer under its name.
      const grave = join(this.#scratch, `removed-${name}`);
      await rename(this.dirOf(name), grave);
      await rm(grave, { recursive: true, force: true });
    }
  }
}

async function unpackFile(tarball: string, diffId: Digest, dir: string, lowers: readonly string[]): Promise<void> {
  const plain = new DigestStream();
  const decompress = await fileDecompressor(tarball);
  const source = createReadStream(tarball);
  const reading = decompress ? pipeline(source, decompress, plain) : pipeline(source, plain);
  await Promise.all([reading, unpackLayer(plain, dir, lowers)]);
  demandDigest("layer", plain.finish(), diffId);
}
