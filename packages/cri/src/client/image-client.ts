import { cri } from "@tskube/proto-gen";
import type { ImageService } from "../runtime.ts";
import { callUnary } from "./call.ts";
import type { CriTimeouts } from "./timeouts.ts";

/** The image service behind a gRPC channel. */
export function createImageClient(client: cri.ImageServiceClient, timeouts: CriTimeouts): ImageService {
  const { requestMs, pullImageMs } = timeouts;
  return {
    async listImages(image, options) {
      const filter = image && { image };
      return (await callUnary(client.listImages.bind(client), { filter }, requestMs, options)).images;
    },
    imageStatus(image, options) {
      const request = { image, verbose: options?.verbose ?? false };
      return callUnary(client.imageStatus.bind(client), request, requestMs, options);
    },
    async pullImage(image, auth, sandboxConfig, options) {
      const request = cri.PullImageRequest.create();
      request.image = image;
      request.auth = auth;
      request.sandboxConfig = sandboxConfig;
      return (await callUnary(client.pullImage.bind(client), request, pullImageMs, options)).imageRef;
    },
    async removeImage(image, options) {
      await callUnary(client.removeImage.bind(client), { image }, requestMs, options);
    },
    imageFsInfo: (options) => callUnary(client.imageFsInfo.bind(client), {}, requestMs, options),
  };
}
