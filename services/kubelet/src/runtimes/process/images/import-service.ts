import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { ServerReadableStream, sendUnaryData } from "@grpc/grpc-js";
import { CriError, type ExtraService, newId } from "@tskube/cri";
import { images } from "@tskube/proto-gen";
import { spoolArchive } from "./archive.ts";
import { type ImportedImage, importArchive } from "./import.ts";
import type { Layers } from "./layers.ts";
import type { ImageStore } from "./store.ts";

export interface ImportDeps {
  readonly store: ImageStore;
  readonly layers: Layers;
  readonly scratch: string;
}

/** Image import over gRPC: `tskube image load` sends an archive in chunks. */
export function createImportService(deps: ImportDeps): ExtraService {
  const implementation: images.ImageImportServiceServer = {
    importImage(call, callback) {
      receive(deps, call).then(
        (imported) => callback(null, { images: imported.map(({ id, refs }) => ({ id, refs: [...refs] })) }),
        (error: unknown) =>
          callback(CriError.from(error).toGrpc() as Parameters<sendUnaryData<images.ImportImageResponse>>[0]),
      );
    },
  };
  return { definition: images.ImageImportServiceService, implementation };
}

async function receive(
  deps: ImportDeps,
  call: ServerReadableStream<images.ImportImageRequest, images.ImportImageResponse>,
): Promise<ImportedImage[]> {
  let fallbackRef = "";
  const chunks = async function* () {
    for await (const message of call as AsyncIterable<images.ImportImageRequest>) {
      fallbackRef ||= message.fallbackRef;
      if (message.chunk.length > 0) yield message.chunk;
    }
  };
  return importStream(deps, Readable.from(chunks()), () => fallbackRef);
}

/** Imports an archive from a stream; what was spooled is gone afterwards, however it ends. */
export async function importStream(
  deps: ImportDeps,
  source: Readable,
  fallbackRef: () => string,
): Promise<ImportedImage[]> {
  const dir = join(deps.scratch, `import-${newId().slice(0, 12)}`);
  try {
    const archive = await spoolArchive(source, dir);
    return await importArchive(deps, archive, fallbackRef());
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
