import { createWriteStream } from "node:fs";
import { mkdir, readFile, stat } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CriError } from "@tskube/cri";
import { decompressor } from "./decompress.ts";
import { DigestStream, demandDigest } from "./digest.ts";
import { safeComponents } from "./entry-path.ts";
import { forEachEntry } from "./tar.ts";

export interface ArchiveLimits {
  readonly maxBytes: number;
  readonly maxFiles: number;
}

export const defaultArchiveLimits: ArchiveLimits = { maxBytes: 64 * 2 ** 30, maxFiles: 10_000 };

const maxMetadataBytes = 8 << 20;

/** The files of an image archive, spooled to disk: an archive may name its parts before or after they come. */
export interface Archive {
  has(name: string): boolean;
  /** Where the file of this name lies. */
  file(name: string): string;
  size(name: string): Promise<number>;
  /** The content of a small file, such as a manifest. */
  read(name: string): Promise<Buffer>;
}

/** Spools an archive, plain or gzipped, into `dir`. File names on disk are numbers: nothing of the archive's own names is used there. */
export async function spoolArchive(
  source: Readable,
  dir: string,
  limits: ArchiveLimits = defaultArchiveLimits,
): Promise<Archive> {
  await mkdir(dir, { recursive: true });
  const files = new Map<string, string>();
  const links = new Map<string, string>();
  let bytes = 0;
  const { chunks, unpack } = await sniff(source);
  await forEachEntry(
    chunks,
    async ({ header: { name, type, size = 0, linkname }, content }) => {
      const path = safeComponents(name).join("/");
      bytes += size;
      if (bytes > limits.maxBytes || files.size >= limits.maxFiles) {
        throw new CriError(
          "RESOURCE_EXHAUSTED",
          `archive is larger than ${limits.maxBytes} bytes or ${limits.maxFiles} files`,
        );
      }
      if (type === "symlink") links.set(path, posix.join(posix.dirname(path), linkname ?? ""));
      if (type === "link") links.set(path, safeComponents(linkname ?? "").join("/"));
      if (type === "file") files.set(path, await spoolFile(content, path, join(dir, String(files.size))));
    },
    unpack,
  );
  return openSpooled(files, links);
}

async function spoolFile(entry: AsyncIterable<Buffer>, path: string, target: string): Promise<string> {
  const digest = new DigestStream();
  await pipeline(entry, digest, createWriteStream(target, { flags: "wx", mode: 0o600 }));
  const promised = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(path)?.[1];
  if (promised) demandDigest(`archive file ${path}`, digest.finish(), `sha256:${promised}`);
  return target;
}

/** Looks at the first bytes to tell gzip from plain tar. */
async function sniff(source: Readable) {
  const iterator = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await iterator.next();
  if (first.done) throw new CriError("INVALID_ARGUMENT", "the archive is empty");
  const chunks = async function* () {
    yield first.value;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  };
  return { chunks, unpack: decompressor(first.value) };
}

function openSpooled(files: ReadonlyMap<string, string>, links: ReadonlyMap<string, string>): Archive {
  const resolve = (name: string): string | undefined => {
    let at = safeComponents(name).join("/");
    for (let hops = 0; hops < 8 && links.has(at); hops++) at = links.get(at) ?? at;
    return files.get(at);
  };
  const file = (name: string): string => {
    const found = resolve(name);
    if (!found) throw new CriError("INVALID_ARGUMENT", `the archive lacks its file ${JSON.stringify(name)}`);
    return found;
  };
  const size = async (name: string) => (await stat(file(name))).size;
  return {
    has: (name) => resolve(name) !== undefined,
    file,
    size,
    async read(name) {
      if ((await size(name)) > maxMetadataBytes)
        throw new CriError("INVALID_ARGUMENT", `archive file ${JSON.stringify(name)} is too large`);
      return readFile(file(name));
    },
  };
}
