import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { CriError, failedPrecondition, normalizeImageRef } from "@tskube/cri";
import { writeAtomic } from "../files/atomic.ts";
import { hostImage } from "./host-image.ts";
import type { ImageConfig, StoredImage } from "./image.ts";
import type { Layers } from "./layers.ts";

/** What is kept of an image on disk; layers by name, lowest first. */
export interface ImageRecord {
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  readonly config: ImageConfig;
  readonly layers: readonly string[];
}

/** The images of a node: records in files, layers beside them, and the image `host`, which is always there. */
export class ImageStore {
  readonly #dir: string;
  readonly #layers: Layers;
  readonly #records = new Map<string, ImageRecord>();

  constructor(dir: string, layers: Layers) {
    this.#dir = dir;
    this.#layers = layers;
  }

  /** Reads what is there and deletes layers that no image has. Call before anything else. */
  async open(): Promise<void> {
    for (const file of await readdir(this.#dir)) {
      if (!file.endsWith(".json")) continue;
      const record = JSON.parse(await readFile(join(this.#dir, file), "utf8")) as ImageRecord;
      this.#records.set(record.id, record);
    }
    await this.#collectLayers();
  }

  list(): StoredImage[] {
    return [hostImage, ...[...this.#records.values()].map((record) => this.#stored(record))];
  }

  /** The image of a name, a digest reference, an id or an unambiguous beginning of one. */
  find(nameOrId: string): StoredImage | undefined {
    const id = nameOrId.startsWith("sha256:")
      ? nameOrId
      : /^[0-9a-f]{12,64}$/.test(nameOrId)
        ? `sha256:${nameOrId}`
        : "";
    const images = this.list();
    const byId = id ? images.filter((image) => image.id.startsWith(id)) : [];
    if (byId.length === 1) return byId[0];
    if (nameOrId.startsWith("sha256:") || nameOrId === "") return undefined;
    const full = normalizeImageRef(nameOrId);
    return images.find(({ tags, digests }) => tags.includes(full) || digests.includes(full));
  }

  /** Adds an image, or names to one that is there. A tag leaves the image that had it. */
  async add(image: ImageRecord): Promise<void> {
    for (const tag of image.tags) {
      if (hostImage.tags.includes(tag))
        throw new CriError("ALREADY_EXISTS", `the name ${tag} is that of the machine's own files`);
      await this.#untag(tag, image.id);
    }
    const before = this.#records.get(image.id);
    await this.#write({
      ...image,
      tags: [...new Set([...(before?.tags ?? []), ...image.tags])],
      digests: [...new Set([...(before?.digests ?? []), ...image.digests])],
    });
  }

  async remove(id: string): Promise<void> {
    if (id === hostImage.id) throw failedPrecondition("the image of the machine's own files cannot be removed");
    if (!this.#records.delete(id)) return;
    await rm(this.#fileOf(id), { force: true });
    await this.#collectLayers();
  }

  async #untag(tag: string, exceptId: string): Promise<void> {
    for (const record of this.#records.values()) {
      if (record.id === exceptId || !record.tags.includes(tag)) continue;
      await this.#write({ ...record, tags: record.tags.filter((one) => one !== tag) });
    }
  }

  async #write(record: ImageRecord): Promise<void> {
    await writeAtomic(this.#fileOf(record.id), JSON.stringify(record));
    this.#records.set(record.id, record);
  }

  #fileOf(id: string): string {
    return join(this.#dir, `${id.slice("sha256:".length)}.json`);
  }

  async #collectLayers(): Promise<void> {
    await this.#layers.keepOnly(new Set([...this.#records.values()].flatMap(({ layers }) => layers)));
  }

  #stored(record: ImageRecord): StoredImage {
    const layers = record.layers.map((name) => this.#layers.dirOf(name)).reverse();
    return { ...record, layers, pinned: false };
  }
}
