import {
  chmodSync,
  createWriteStream,
  lutimesSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { copyFile, link, readdir } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { CriError } from "@tskube/cri";
import type { Header } from "tar-stream";
import { directoryMode, setOwner } from "../files/owner.ts";
import { resolvePath } from "../files/resolve.ts";
import { type Entry, type FileView, layersView } from "../files/view.ts";
import { runOrThrow } from "../run-command.ts";
import { layerEntry, safeComponents } from "./entry-path.ts";
import { forEachEntry } from "./tar.ts";

export interface UnpackLimits {
  readonly maxBytes: number;
  readonly maxEntries: number;
}

export const defaultUnpackLimits: UnpackLimits = { maxBytes: 64 * 2 ** 30, maxEntries: 2_000_000 };

/** Files up to this size are written in one go. */
const smallFileBytes = 1 << 20;

/** Unpacks one layer (a plain tar stream) into the empty directory `dir`, as the upper layer over `lowers` (topmost first). Returns the bytes of its files. */
export async function unpackLayer(
  tar: Readable,
  dir: string,
  lowers: readonly string[],
  limits: UnpackLimits = defaultUnpackLimits,
): Promise<number> {
  const layer = new LayerWriter(dir, lowers);
  let bytes = 0;
  let entries = 0;
  await forEachEntry(tar, async ({ header, content }) => {
    bytes += header.size ?? 0;
    entries++;
    if (bytes > limits.maxBytes || entries > limits.maxEntries) {
      throw new CriError(
        "RESOURCE_EXHAUSTED",
        `layer is larger than ${limits.maxBytes} bytes or ${limits.maxEntries} entries`,
      );
    }
    await layer.write(header, content);
  });
  await layer.finish();
  return bytes;
}

/**
 * Writes the entries of one layer. A parent that is a link is followed within the image only, and what is written lies below `dir` always: parents are real
 * directories there, made here.
 */
class LayerWriter {
  readonly #dir: string;
  readonly #lowers: readonly string[];
  readonly #view: FileView;
  /** Parents already made: their path in the archive → their resolved path. */
  readonly #parents = new Map<string, string>();
  /** Commands for files that Node cannot make, run at the end. */
  readonly #specials: string[][] = [];
  readonly #dirTimes: Array<readonly [path: string, mtime: Date]> = [];
  readonly #written = new Set<string>();
  readonly #opaque: string[] = [];

  constructor(dir: string, lowers: readonly string[]) {
    this.#dir = dir;
    this.#lowers = lowers;
    this.#view = layersView([dir, ...lowers]);
  }

  async write(header: Header, content: AsyncIterable<Buffer>): Promise<void> {
    const entry = layerEntry(header.name);
    if (entry.kind === "ignored") return;
    if (entry.kind === "root") return setAttributes(this.#dir, header);
    if (entry.kind === "opaque") {
      this.#opaque.push(await this.#makeDir(entry.path));
      return;
    }
    const parent = await this.#makeDir(posix.dirname(entry.path));
    const path = posix.join(parent, posix.basename(entry.path));
    if (entry.kind === "whiteout") this.#whiteout(path);
    else await this.#writeItem(path, header, content);
  }

  async #writeItem(path: string, header: Header, content: AsyncIterable<Buffer>): Promise<void> {
    const target = join(this.#dir, path);
    await this.#clear(path, header.type === "directory");
    this.#written.add(path);
    switch (header.type) {
      case "directory":
        mkdirSync(target, { recursive: true });
        this.#dirTimes.push([target, header.mtime ?? new Date(0)]);
        return setAttributes(target, header);
      case "symlink":
        symlinkSync(header.linkname ?? "", target);
        setOwner(target, header.uid ?? 0, header.gid ?? 0);
        return lutimesSync(target, header.mtime ?? 0, header.mtime ?? 0);
      case "link":
        return this.#hardLink(target, header.linkname ?? "");
      case "fifo":
        this.#specials.push(["mkfifo", target]);
        return;
      case "file":
      case "contiguous-file":
        await writeContent(target, header, content);
        setAttributes(target, header);
        return utimesSync(target, header.mtime ?? 0, header.mtime ?? 0);
      default:
        // Device files: a container's root opens none, and its /dev is its own.
        return;
    }
  }

  /** A hard link to a file of this layer, or a copy of one below. */
  async #hardLink(target: string, linkname: string): Promise<void> {
    const components = safeComponents(linkname);
    const parent = await resolvePath(this.#view, `/${components.slice(0, -1).join("/")}`);
    const source = await this.#view.entry(posix.join(parent.path, components.at(-1) ?? ""));
    if (!source || source.kind === "dir")
      throw new CriError("INVALID_ARGUMENT", `hard link to ${JSON.stringify(linkname)}, which is no file of the image`);
    if (source.hostPath.startsWith(`${this.#dir}/`)) return link(source.hostPath, target);
    await copyFile(source.hostPath, target);
    copyAttributes(target, source);
  }

  /** Makes a directory of the archive exist in this layer and returns where it is after following links. */
  async #makeDir(path: string): Promise<string> {
    if (path === "/") return path;
    const known = this.#parents.get(path);
    if (known) return known;
    const { path: resolved, entry } = await resolvePath(this.#view, path);
    if (entry && entry.kind !== "dir")
      throw new CriError("INVALID_ARGUMENT", `archive entry below ${path}, which is no directory`);
    const target = join(this.#dir, resolved);
    if (entry?.hostPath !== target && resolved !== "/") {
      await this.#makeDir(posix.dirname(resolved));
      mkdirSync(target, { recursive: true });
      if (entry) copyAttributes(target, entry);
    }
    this.#parents.set(path, resolved);
    return resolved;
  }

  /** Makes room for an entry; a directory over a directory only changes its attributes. */
  async #clear(path: string, isDir: boolean): Promise<void> {
    if (!this.#written.has(path) && !this.#parents.has(path)) return;
    const [existing] = await Promise.all([layersView([this.#dir]).entry(path)]);
    if (!existing || (isDir && existing.kind === "dir")) return;
    rmSync(join(this.#dir, path), { recursive: true });
    this.#parents.clear();
  }

  /** Overlay's whiteout is a character device with number 0. One for a name that this layer has itself is superseded by it. */
  #whiteout(path: string): void {
    if (this.#written.has(path)) return;
    this.#specials.push(["mknod", join(this.#dir, path), "c", "0", "0"]);
  }

  async finish(): Promise<void> {
    for (const dir of this.#opaque) await this.#hideLower(dir);
    if (this.#specials.length > 0) {
      const script = this.#specials.map((words) => words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" "));
      // A whiteout may meet what a later entry has put there.
      await runOrThrow("/bin/sh", ["-s"], { input: script.map((line) => `${line} 2>/dev/null || :\n`).join("") });
    }
    for (const [path, mtime] of this.#dirTimes.reverse()) utimesSync(path, mtime, mtime);
  }

  /** An opaque directory by whiteouts of what lower layers have in it: the attribute that overlay has for it cannot be set from here. */
  async #hideLower(dir: string): Promise<void> {
    const own = new Set(await readdir(join(this.#dir, dir)));
    const lower = layersView(this.#lowers);
    for (const layer of this.#lowers) {
      for (const name of await readdir(join(layer, dir)).catch(() => [])) {
        const path = posix.join(dir, name);
        const visible = await lower.entry(path);
        if (own.has(name) || !visible) continue;
        own.add(name);
        this.#whiteout(path);
      }
    }
  }
}

async function writeContent(target: string, header: Header, content: AsyncIterable<Buffer>): Promise<void> {
  const options = { flag: "wx", mode: 0o600 } as const;
  if ((header.size ?? 0) <= smallFileBytes) writeFileSync(target, await buffer(content), options);
  else await pipeline(content, createWriteStream(target, { flags: options.flag, mode: options.mode }));
}

/** Owner first: changing it clears the set-user-id bit. */
function setAttributes(target: string, { type, uid, gid, mode }: Header): void {
  setOwner(target, uid ?? 0, gid ?? 0);
  const bits = (mode ?? 0o755) & 0o7777;
  chmodSync(target, type === "directory" ? directoryMode(bits) : bits);
}

function copyAttributes(target: string, { uid, gid, mode }: Entry): void {
  setOwner(target, uid, gid);
  chmodSync(target, directoryMode(mode));
}
