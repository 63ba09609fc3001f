import { type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import { type ImageService, ImageSpec, type RuntimeService } from "@tskube/cri";
import type { MachineLoad } from "../node/machine.ts";
import type { RuntimeView } from "../runtime/view.ts";
import { garbageOf } from "./container-gc.ts";
import { imagesToRemove, isUsed } from "./image-gc.ts";

export interface CollectorDeps {
  readonly runtime: RuntimeService;
  readonly images: ImageService;
  readonly view: RuntimeView;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly load: () => Promise<MachineLoad>;
}

export interface CollectorOptions {
  readonly highPercent: number;
  readonly lowPercent: number;
  readonly minimumAgeMs: number;
}

const containerPeriodMs = 60_000;
const imagePeriodMs = 5 * 60_000;
const keptPerContainer = 1;

/** Removes ended containers, dead sandboxes and, when the disk fills up, images that nobody uses. */
export class Collector {
  readonly #deps: CollectorDeps;
  readonly #options: CollectorOptions;
  readonly #history = new Map<string, { readonly detectedAtMs: number; readonly usedAtMs: number }>();

  constructor(deps: CollectorDeps, options: CollectorOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#repeat(containerPeriodMs, "cannot remove ended containers", () => this.collectContainers(), signal),
      this.#repeat(imagePeriodMs, "cannot remove unused images", () => this.collectImages(), signal),
    ]);
  }

  async collectContainers(): Promise<void> {
    const { runtime, view } = this.#deps;
    for (const pod of [...view.pods()]) {
      const { containers, sandboxes } = garbageOf(pod, keptPerContainer);
      for (const id of containers) await runtime.removeContainer(id);
      for (const id of sandboxes) await runtime.removePodSandbox(id);
      if (containers.length + sandboxes.length > 0) await view.refresh(pod.uid);
    }
  }

  async collectImages(): Promise<void> {
    const { images, clock, load, logger } = this.#deps;
    const present = await images.listImages();
    const inUse = this.#imagesInUse();
    this.#remember(present, inUse, clock.now());
    const { diskCapacityBytes, diskAvailableBytes } = await load();
    const chosen = imagesToRemove({
      images: present,
      inUse,
      history: this.#history,
      capacityBytes: diskCapacityBytes,
      availableBytes: diskAvailableBytes,
      ...this.#options,
      nowMs: clock.now(),
    });
    for (const image of chosen) {
      logger.info(
        { image: image.repoTags[0] ?? image.id, bytes: Number(image.size) },
        "removing an image to free disk space",
      );
      await images.removeImage(ImageSpec.fromPartial({ image: image.id }));
    }
  }

  #imagesInUse(): Set<string> {
    const used = new Set<string>();
    for (const pod of this.#deps.view.pods()) {
      for (const { image, imageId } of pod.containers) used.add(image).add(imageId);
    }
    return used;
  }

  #remember(present: Awaited<ReturnType<ImageService["listImages"]>>, inUse: ReadonlySet<string>, nowMs: number): void {
    const ids = new Set(present.map(({ id }) => id));
    for (const id of this.#history.keys()) if (!ids.has(id)) this.#history.delete(id);
    for (const image of present) {
      const known = this.#history.get(image.id) ?? { detectedAtMs: nowMs, usedAtMs: 0 };
      this.#history.set(image.id, isUsed(image, inUse) ? { ...known, usedAtMs: nowMs } : known);
    }
  }

  async #repeat(periodMs: number, complaint: string, task: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#deps;
    for (;;) {
      await sleep(clock, periodMs, signal);
      if (signal.aborted) return;
      await task().catch((error) => logger.warn({ error: errorMessage(error) }, complaint));
    }
  }
}
