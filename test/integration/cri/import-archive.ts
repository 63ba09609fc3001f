import type { Readable } from "node:stream";
import { credentials } from "@grpc/grpc-js";
import { socketTarget } from "@tskube/cri";
import { images } from "@tskube/proto-gen";

/** Sends an archive to the process runtime, as `tskube image load` does. */
export async function importArchive(socket: string, archive: Readable): Promise<images.ImportedImage[]> {
  const client = new images.ImageImportServiceClient(socketTarget(socket), credentials.createInsecure());
  try {
    return await new Promise((resolve, reject) => {
      const call = client.importImage((error, response) => (error ? reject(error) : resolve(response.images)));
      archive.on("data", (chunk: Buffer) => {
        if (call.write({ chunk, fallbackRef: "" })) return;
        archive.pause();
        call.once("drain", () => archive.resume());
      });
      archive.on("end", () => call.end());
      archive.on("error", reject);
    });
  } finally {
    client.close();
  }
}
