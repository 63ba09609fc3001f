import type { Image } from "@tskube/cri";

export interface ImageGcInputs {
  readonly images: readonly Image[];
  /** Ids and names of images that containers use. */
  readonly inUse: ReadonlySet<string>;
  /** When each image, by id, was first seen here and when a container last used it. */
  readonly history: ReadonlyMap<string, { readonly detectedAtMs: number; readonly usedAtMs: number }>;
  readonly capacityBytes: number;
  readonly availableBytes: number;
  readonly highPercent: number;
  readonly lowPercent: number;
  readonly minimumAgeMs: number;
  readonly nowMs: number;
}

/** The images to remove, in order: none below the high threshold, else those longest unused until the low threshold is reached. */
export function imagesToRemove(inputs: ImageGcInputs): Image[] {
  const { capacityBytes, availableBytes, highPercent, lowPercent } = inputs;
  if (capacityBytes === 0) return [];
  const usedPercent = 100 - Math.floor((availableBytes * 100) / capacityBytes);
  if (usedPercent < highPercent) return [];
  let excess = Math.floor((capacityBytes * (100 - lowPercent)) / 100) - availableBytes;
  const chosen: Image[] = [];
  for (const image of candidates(inputs)) {
    if (excess <= 0) break;
    chosen.push(image);
    excess -= Number(image.size);
  }
  return chosen;
}

function candidates({ images, inUse, history, minimumAgeMs, nowMs }: ImageGcInputs): Image[] {
  const seen = (image: Image) => history.get(image.id) ?? { detectedAtMs: nowMs, usedAtMs: 0 };
  return images
    .filter((image) => !image.pinned && !isUsed(image, inUse) && nowMs - seen(image).detectedAtMs >= minimumAgeMs)
    .sort((a, b) => seen(a).usedAtMs - seen(b).usedAtMs || seen(a).detectedAtMs - seen(b).detectedAtMs);
}

export function isUsed(image: Image, inUse: ReadonlySet<string>): boolean {
  return [image.id, ...image.repoTags, ...image.repoDigests].some((name) => inUse.has(name));
}
