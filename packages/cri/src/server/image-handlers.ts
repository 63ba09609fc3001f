import type { cri } from "@tskube/proto-gen";
import type { ImageService } from "../runtime.ts";
import { demand, unary } from "./adapt.ts";

/** gRPC handlers over an image service. */
export function imageHandlers(images: ImageService): cri.ImageServiceServer {
  return {
    listImages: unary(async ({ filter }, options) => ({ images: await images.listImages(filter?.image, options) })),
    imageStatus: unary(({ image, verbose }, options) =>
      images.imageStatus(demand(image, "image"), { ...options, verbose }),
    ),
    pullImage: unary(async ({ image, auth, sandboxConfig }, options) => ({
      imageRef: await images.pullImage(demand(image, "image"), auth, sandboxConfig, options),
    })),
    removeImage: unary(async ({ image }, options) => {
      await images.removeImage(demand(image, "image"), options);
      return {};
    }),
    imageFsInfo: unary((_request, options) => images.imageFsInfo(options)),
  };
}
