import { CriError, normalizeImageRef } from "@tskube/cri";
import type { Archive } from "./archive.ts";
import type { Digest } from "./digest.ts";
import { type IncomingImage, installImage, parseJson } from "./install.ts";
import type { Layers } from "./layers.ts";
import { type Descriptor, forThisPlatform, type Index, isIndex, type Manifest } from "./platform.ts";
import type { ImageStore } from "./store.ts";

export interface ImportedImage {
  readonly id: Digest;
  readonly refs: readonly string[];
}

/** An entry of a docker-archive's manifest.json. */
interface DockerManifest {
  readonly Config: string;
  readonly RepoTags?: readonly string[] | null;
  readonly Layers: readonly string[];
}

const nameAnnotations = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];

/** Brings all images of an archive into the store. Docker's own list is preferred where there are both, for it has full names. */
export async function importArchive(
  deps: { readonly store: ImageStore; readonly layers: Layers },
  archive: Archive,
  fallbackRef = "",
): Promise<ImportedImage[]> {
  const images = archive.has("manifest.json") ? await dockerImages(archive) : await ociImages(archive);
  const imported: ImportedImage[] = [];
  for (const image of images) {
    const tags = image.tags.length > 0 || !fallbackRef ? image.tags : [normalizeImageRef(fallbackRef)];
    imported.push({ id: await installImage(deps, { ...image, tags }), refs: tags });
  }
  return imported;
}

async function dockerImages(archive: Archive): Promise<IncomingImage[]> {
  const manifests = parseJson<readonly DockerManifest[]>(await archive.read("manifest.json"), "manifest.json");
  return Promise.all(
    manifests.map(async ({ Config, RepoTags, Layers }) => ({
      config: await archive.read(Config),
      layers: await Promise.all(Layers.map((name) => layerOf(archive, name))),
      tags: (RepoTags ?? []).map(normalizeImageRef),
      digests: [],
    })),
  );
}

async function ociImages(archive: Archive): Promise<IncomingImage[]> {
  if (!archive.has("index.json")) {
    throw new CriError(
      "INVALID_ARGUMENT",
      "the archive has neither manifest.json (docker-archive) nor index.json (OCI layout)",
    );
  }
  const index = parseJson<Index>(await archive.read("index.json"), "index.json");
  return Promise.all(index.manifests.map((descriptor) => ociImage(archive, descriptor)));
}

async function ociImage(archive: Archive, descriptor: Descriptor): Promise<IncomingImage> {
  const manifest = await ociManifest(archive, descriptor);
  const name = nameAnnotations.map((key) => descriptor.annotations?.[key]).find(Boolean);
  return {
    config: await archive.read(blobName(manifest.config.digest)),
    layers: await Promise.all(manifest.layers.map(({ digest }) => layerOf(archive, blobName(digest)))),
    // A bare tag is all that an annotation holds when the name is meant to be given by whoever loads it.
    tags: name && /[/:]/.test(name) ? [normalizeImageRef(name)] : [],
    digests: [],
  };
}

async function ociManifest(archive: Archive, { digest }: Descriptor): Promise<Manifest> {
  const value = parseJson<Index | Manifest>(await archive.read(blobName(digest)), `manifest ${digest}`);
  return isIndex(value) ? ociManifest(archive, forThisPlatform(value)) : value;
}

const layerOf = async (archive: Archive, name: string) => ({
  sizeBytes: await archive.size(name),
  file: async () => archive.file(name),
});

const blobName = (digest: string): string => `blobs/${digest.replace(":", "/")}`;
