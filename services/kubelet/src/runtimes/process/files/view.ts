import { lstat, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { systemErrorCode } from "@tskube/base";

export type EntryKind = "dir" | "file" | "link" | "other";

export interface Entry {
  readonly kind: EntryKind;
  /** Permission bits and owner. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Where the entry lies on the node. */
  readonly hostPath: string;
}

/**
 * A file tree looked at without mounting it or changing root. Paths are absolute in the tree, and every component but the last must be a real
 * directory: resolving links is `resolvePath`'s work.
 */
export interface FileView {
  entry(path: string): Promise<Entry | undefined>;
}

/** One directory as a tree. */
export function dirView(root: string): FileView {
  return { entry: (path) => hostEntry(join(root, path)) };
}

/** Overlay layers as the kernel would merge them, topmost first. */
export function layersView(layers: readonly string[]): FileView {
  return {
    async entry(path) {
      for (const layer of layers) {
        const found = await entryInLayer(layer, path);
        if (found === "covered") return undefined;
        if (found) return found;
      }
      return undefined;
    },
  };
}

/** A whiteout (or anything but a directory) on the way hides what lower layers have at `path`. */
async function entryInLayer(layer: string, path: string): Promise<Entry | "covered" | undefined> {
  let at = layer;
  const components = path.split("/").filter(Boolean);
  for (const [index, component] of components.entries()) {
    at = join(at, component);
    const entry = await hostEntry(at);
    if (!entry) return undefined;
    if (entry.kind === "other" && (await isWhiteout(at))) return "covered";
    if (index < components.length - 1 && entry.kind !== "dir") return "covered";
  }
  return hostEntry(at);
}

async function isWhiteout(path: string): Promise<boolean> {
  const { rdev } = await lstat(path);
  return rdev === 0;
}

async function hostEntry(hostPath: string): Promise<Entry | undefined> {
  try {
    const stats = await lstat(hostPath);
    const kind = stats.isDirectory() ? "dir" : stats.isFile() ? "file" : stats.isSymbolicLink() ? "link" : "other";
    return { kind, mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid, hostPath };
  } catch (error) {
    const code = systemErrorCode(error);
    // What the runtime itself may not look into, a container of its user cannot either.
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES") return undefined;
    throw error;
  }
}

/** A tree with other trees mounted in it; `target` is a resolved path. Later mounts cover earlier ones. */
export interface MountedTree {
  readonly target: string;
  readonly view: FileView;
}

export function mountedView(base: FileView, mounts: readonly MountedTree[]): FileView {
  return {
    entry(path) {
      const mount = mounts.findLast(({ target }) => path === target || path.startsWith(`${target}/`));
      return mount ? mount.view.entry(path.slice(mount.target.length) || "/") : base.entry(path);
    },
  };
}

/** The target of a link entry. */
export const linkTarget = (entry: Entry): Promise<string> => readlink(entry.hostPath);

/** The text of a file in a tree; undefined when it is absent, no file, or too large to be what the caller expects. */
export async function readTextIn(view: FileView, path: string, limitBytes = 1 << 20): Promise<string | undefined> {
  const entry = await view.entry(path);
  if (entry?.kind !== "file") return undefined;
  const { size } = await lstat(entry.hostPath);
  return size > limitBytes ? undefined : readFile(entry.hostPath, "utf8");
}
