import { createHash } from "node:crypto";
import { type Clock, systemClock } from "@tskube/base";
import { cri } from "@tskube/proto-gen";
import { CriError } from "../../error.ts";
import { normalizeImageRef } from "../../image-ref.ts";
import type { ImageService } from "../../runtime.ts";
import { nowNanos } from "../../time.ts";
import { Image, type ImageSpec } from "../../types.ts";

export interface FakeImageOptions {
  readonly clock?: Clock;
  /** Images on the node from the start. */
  readonly present?: readonly string[];
  /** Images that PullImage finds; all, when absent. */
  readonly pullable?: readonly string[];
}

export interface FakeImages extends ImageService {
  /** Names pulled, in order, as they were asked for. */
  readonly pulled: readonly string[];
  /** Puts an image on the node. */
  add(name: string, image?: { sizeBytes?: number; pinned?: boolean; uid?: number; username?: string }): Image;
  /** Makes every pull of `name` fail until `undefined` takes that back. */
  failPull(name: string, error: CriError | undefined): void;
  /** The image meant by a name or an id. */
  find(nameOrId: string): Image | undefined;
}

/** An image service without files: an image is a name and a digest derived from it. */
export function createFakeImages(options: FakeImageOptions = {}): FakeImages {
  const clock = options.clock ?? systemClock;
  const byId = new Map<string, Image>();
  const failures = new Map<string, CriError>();
  const pulled: string[] = [];
  const pullable = options.pullable && new Set(options.pullable.map(normalizeImageRef));

  const find = (nameOrId: string): Image | undefined => byId.get(nameOrId) ?? byName(nameOrId);
  const byName = (name: string): Image | undefined => {
    if (name.startsWith("sha256:")) return undefined;
    const full = normalizeImageRef(name);
    return [...byId.values()].find(
      ({ repoTags, repoDigests }) => repoTags.includes(full) || repoDigests.includes(full),
    );
  };
  const add: FakeImages["add"] = (name, { sizeBytes = 1_000_000, pinned = false, uid, username = "" } = {}) => {
    const full = normalizeImageRef(name);
    const id = `sha256:${createHash("sha256").update(full).digest("hex")}`;
    const [repository = "", digest] = full.split("@");
    const image = Image.fromPartial({
      id,
      repoTags: digest ? [] : [full],
      repoDigests: [digest ? full : `${repository.replace(/:[^:/]*$/, "")}@${id}`],
      size: BigInt(sizeBytes),
      pinned,
      username,
      ...(uid !== undefined && { uid: { value: BigInt(uid) } }),
    });
    byId.set(id, image);
    return image;
  };
  for (const name of options.present ?? []) add(name);

  return {
    pulled,
    add,
    find,
    failPull(name, error) {
      if (error) failures.set(normalizeImageRef(name), error);
      else failures.delete(normalizeImageRef(name));
    },
    async listImages(filter?: ImageSpec) {
      if (!filter?.image) return [...byId.values()];
      const image = find(filter.image);
      return image ? [image] : [];
    },
    async imageStatus({ image }) {
      return { image: find(image), info: {} };
    },
    async pullImage({ image }) {
      pulled.push(image);
      const full = normalizeImageRef(image);
      const failure = failures.get(full);
      if (failure) throw failure;
      if (pullable && !pullable.has(full))
        throw new CriError("NOT_FOUND", `failed to pull and unpack image "${full}": ${full}: not found`);
      return (find(image) ?? add(image)).id;
    },
    async removeImage({ image }) {
      const found = find(image);
      if (found) byId.delete(found.id);
    },
    async imageFsInfo() {
      const usedBytes = { value: [...byId.values()].reduce((sum, image) => sum + image.size, 0n) };
      const usage = { timestamp: nowNanos(clock), fsId: { mountpoint: "/fake" }, usedBytes, inodesUsed: { value: 1n } };
      return cri.ImageFsInfoResponse.fromPartial({ imageFilesystems: [usage], containerFilesystems: [usage] });
    },
  };
}
