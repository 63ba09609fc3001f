import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { errorMessage, systemErrorCode } from "@tskube/base";
import { CriError } from "@tskube/cri";
import { extract, type Header } from "tar-stream";

export interface TarEntry {
  readonly header: Header;
  /** What is not read of it is skipped. */
  readonly content: AsyncIterable<Buffer>;
}

type Source = Readable | (() => AsyncIterable<Buffer>);

/** Hands each entry of a tar stream to `visit`, one after the other; fails with the first failure of either side. */
export async function forEachEntry(
  source: Source,
  visit: (entry: TarEntry) => Promise<void>,
  unpack?: NodeJS.ReadWriteStream,
): Promise<void> {
  const archive = extract();
  const visiting = (async () => {
    for await (const entry of archive) {
      // The stream library's own types leave out that its streams can be iterated.
      await visit({ header: entry.header, content: entry as unknown as AsyncIterable<Buffer> });
      entry.resume();
    }
  })();
  try {
    await Promise.all([unpack ? pipeline(source, unpack, archive) : pipeline(source, archive), visiting]);
  } catch (error) {
    // What the operating system or we ourselves refuse has a code; the rest is the archive's own fault.
    if (error instanceof CriError || systemErrorCode(error)?.startsWith("E")) throw error;
    throw new CriError("INVALID_ARGUMENT", `not a readable tar archive: ${errorMessage(error)}`, { cause: error });
  }
}
