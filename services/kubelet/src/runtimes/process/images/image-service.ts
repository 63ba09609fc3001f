import type { Clock } from "@tskube/base";
import { failedPrecondition, Image, type ImageService, nowNanos } from "@tskube/cri";
import { cri } from "@tskube/proto-gen";
import { KeyedLock } from "../keyed-lock.ts";
import { hostImage } from "./host-image.ts";
import type { StoredImage } from "./image.ts";
import { type PullDeps, pullImage } from "./pull.ts";

export interface ImageServiceDeps extends PullDeps {
  readonly clock: Clock;
  readonly root: string;
  readonly insecureRegistries: readonly string[];
  /** Ids of images that containers were made from. */
  inUse(): ReadonlySet<string>;
}

export function createImageService(deps: ImageServiceDeps): ImageService {
  const { store, clock, root, insecureRegistries } = deps;
  const pulls = new KeyedLock();
  return {
    async listImages(filter) {
      if (!filter?.image) return store.list().map(toCri);
      const image = store.find(filter.image);
      return image ? [toCri(image)] : [];
    },
    async imageStatus({ image }) {
      const found = store.find(image);
      return { image: found && toCri(found), info: {} };
    },
    pullImage({ image }, auth, _sandboxConfig, options) {
      if (store.find(image)?.id === hostImage.id) return Promise.resolve(hostImage.id);
      // Several pods that want one image at the same time wait for one download.
      return pulls.run(image, () =>
        pullImage(deps, image, { insecure: insecureRegistries, auth, signal: options?.signal }),
      );
    },
    async removeImage({ image }) {
      const found = store.find(image);
      if (!found) return;
      if (deps.inUse().has(found.id)) throw failedPrecondition(`image ${image} is used by a container`);
      await store.remove(found.id);
    },
    async imageFsInfo() {
      const images = store.list();
      const used = images.reduce((sum, image) => sum + BigInt(image.sizeBytes), 0n);
      const timestamp = nowNanos(clock);
      const usage = {
        timestamp,
        fsId: { mountpoint: root },
        usedBytes: { value: used },
        inodesUsed: { value: BigInt(images.length) },
      };
      return cri.ImageFsInfoResponse.fromPartial({ imageFilesystems: [usage], containerFilesystems: [usage] });
    },
  };
}

function toCri({ id, tags, digests, sizeBytes, pinned, config }: StoredImage): Image {
  const user = config.User?.split(":")[0] ?? "";
  const isNumber = /^\d+$/.test(user);
  return Image.fromPartial({
    id,
    repoTags: [...tags],
    repoDigests: [...digests],
    size: BigInt(sizeBytes),
    pinned,
    // The kubelet refuses runAsNonRoot for an image whose user it cannot tell.
    ...(isNumber || user === "" ? { uid: { value: BigInt(user || 0) } } : { username: user }),
  });
}
