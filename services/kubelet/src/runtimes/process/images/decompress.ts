import { open } from "node:fs/promises";
import type { Transform } from "node:stream";
import * as zlib from "node:zlib";
import { CriError } from "@tskube/cri";

const gzipMagic = Buffer.from([0x1f, 0x8b]);
const zstdMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** The stream that unpacks data beginning with `head`; undefined when it is not compressed. Media types are not asked: they are sometimes wrong. */
export function decompressor(head: Buffer): Transform | undefined {
  if (head.subarray(0, 2).equals(gzipMagic)) return zlib.createGunzip();
  if (!head.subarray(0, 4).equals(zstdMagic)) return undefined;
  // Newer Node releases have it.
  const create: unknown = Reflect.get(zlib, "createZstdDecompress");
  if (typeof create !== "function")
    throw new CriError("UNIMPLEMENTED", "layers compressed with zstd need a newer Node.js");
  return create() as Transform;
}

/** The decompressor for a file. */
export async function fileDecompressor(path: string): Promise<Transform | undefined> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return decompressor(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}
