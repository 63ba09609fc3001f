import { CriError } from "@tskube/cri";
import { type Digest, digestOf, isDigest } from "./digest.ts";
import type { ImageConfig } from "./image.ts";
import type { Layers } from "./layers.ts";
import type { ImageStore } from "./store.ts";

/** An image on its way in: its configuration as it came, and how to get at its layers' tarballs. */
export interface IncomingImage {
  readonly config: Buffer;
  /** Lowest first; asked for only when the layer is not there yet. */
  readonly layers: ReadonlyArray<{ readonly sizeBytes: number; readonly file: () => Promise<string> }>;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
}

/** The configuration of an image, as far as we read it. */
interface ConfigFile {
  readonly os?: string;
  readonly config?: ImageConfig;
  readonly rootfs?: { readonly diff_ids?: readonly string[] };
}

/** Unpacks an image's layers and enters it into the store; returns its id. Layers that are there already are not fetched. */
export async function installImage(
  { store, layers }: { store: ImageStore; layers: Layers },
  image: IncomingImage,
): Promise<Digest> {
  const { config, diffIds } = readConfig(image);
  const names = layers.names(diffIds);
  const release = layers.hold(names);
  try {
    for (const [index, name] of names.entries()) {
      const layer = image.layers[index];
      const diffId = diffIds[index];
      if (!layer || !diffId || (await layers.has(name))) continue;
      await layers.unpack(name, diffId, await layer.file(), names.slice(0, index));
    }
    const id = digestOf(image.config);
    const sizeBytes = image.config.length + image.layers.reduce((sum, layer) => sum + layer.sizeBytes, 0);
    await store.add({ id, tags: image.tags, digests: image.digests, sizeBytes, config, layers: names });
    return id;
  } finally {
    release();
  }
}

function readConfig(image: IncomingImage): { config: ImageConfig; diffIds: readonly Digest[] } {
  const { os = "linux", config = {}, rootfs } = parseJson<ConfigFile>(image.config, "image configuration");
  const diffIds = rootfs?.diff_ids ?? [];
  if (os !== "linux") throw new CriError("INVALID_ARGUMENT", `the image is for ${os}, not linux`);
  if (diffIds.length !== image.layers.length || !diffIds.every(isDigest)) {
    throw new CriError(
      "INVALID_ARGUMENT",
      `the image has ${image.layers.length} layers but its configuration names ${diffIds.length}`,
    );
  }
  return { config, diffIds };
}

export function parseJson<T>(data: Buffer | string, what: string): T {
  try {
    return JSON.parse(data.toString()) as T;
  } catch (error) {
    throw new CriError("INVALID_ARGUMENT", `${what} is not JSON`, { cause: error });
  }
}
