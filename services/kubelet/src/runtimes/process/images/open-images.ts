import type { Clock } from "@tskube/base";
import type { ExtraService, ImageService } from "@tskube/cri";
import type { Layout } from "../layout.ts";
import type { StoredImage } from "./image.ts";
import { createImageService } from "./image-service.ts";
import { createImportService } from "./import-service.ts";
import { Layers } from "./layers.ts";
import { ImageStore } from "./store.ts";

export interface ImagesDeps {
  readonly layout: Layout;
  readonly clock: Clock;
  readonly insecureRegistries: readonly string[];
  inUse(): ReadonlySet<string>;
}

export interface Images {
  readonly service: ImageService;
  readonly importService: ExtraService;
  find(nameOrId: string): StoredImage | undefined;
}

/** Opens the node's images: the store, CRI's image service over it, and the import. */
export async function openImages({ layout, clock, insecureRegistries, inUse }: ImagesDeps): Promise<Images> {
  const layers = new Layers(layout.layers, layout.scratch);
  const store = new ImageStore(layout.images, layers);
  await store.open();
  const deps = { store, layers, scratch: layout.scratch };
  return {
    service: createImageService({ ...deps, clock, root: layout.root, insecureRegistries, inUse }),
    importService: createImportService(deps),
    find: (nameOrId) => store.find(nameOrId),
  };
}
