import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { CriError, formatImageRef, newId, parseImageRef } from "@tskube/cri";
import type { Digest } from "./digest.ts";
import { installImage } from "./install.ts";
import type { Layers } from "./layers.ts";
import { forThisPlatform, isIndex, type Manifest } from "./platform.ts";
import { type RegistryOptions, Repository } from "./registry.ts";
import type { ImageStore } from "./store.ts";

export interface PullDeps {
  readonly store: ImageStore;
  readonly layers: Layers;
  readonly scratch: string;
}

/** Pulls an image from its registry and returns its id. Layers that are here already are not downloaded. */
export async function pullImage(deps: PullDeps, name: string, options: RegistryOptions): Promise<Digest> {
  const ref = parseImageRef(name);
  const full = formatImageRef(ref);
  const dir = join(deps.scratch, `pull-${newId().slice(0, 12)}`);
  await mkdir(dir);
  try {
    const repository = new Repository(ref, options);
    const { manifest, digest } = await resolve(repository, ref.digest ?? ref.tag ?? "latest");
    return await installImage(deps, {
      config: await repository.smallBlob(manifest.config.digest),
      layers: manifest.layers.map((layer, index) => ({
        sizeBytes: layer.size,
        async file() {
          const file = join(dir, String(index));
          await repository.download(layer.digest, file);
          return file;
        },
      })),
      tags: ref.digest ? [] : [full],
      digests: [`${ref.registry}/${ref.repository}@${digest}`],
    });
  } catch (error) {
    const { code, message } = CriError.from(error);
    throw new CriError(code, `failed to pull and unpack image "${full}": ${message}`, { cause: error });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Follows an index to the manifest for this machine. The digest is that of what the reference names, index or manifest. */
async function resolve(repository: Repository, reference: string): Promise<{ manifest: Manifest; digest: Digest }> {
  const { value, digest } = await repository.manifest(reference);
  if (!isIndex(value)) return { manifest: value, digest };
  const inner = await resolve(repository, forThisPlatform(value).digest);
  return { manifest: inner.manifest, digest };
}
