import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
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
  await Promise.all([unpack ? pipeline(source, unpack, archive) : pipeline(source, archive), visiting]);
}
