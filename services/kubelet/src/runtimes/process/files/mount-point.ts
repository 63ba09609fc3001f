import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setOwner } from "./owner.ts";
import type { FileView } from "./view.ts";

/**
 * Makes sure that something can be mounted at `path` (resolved) of an overlay whose writable layer is `upper`. Directories that exist in lower layers
 * are copied up with their mode and owner, since the overlay shows the upper one's.
 */
export async function ensureMountPoint(
  view: FileView,
  upper: string,
  path: string,
  kind: "dir" | "file",
): Promise<void> {
  if (await view.entry(path)) return;
  await copyUpDirs(view, upper, dirname(path));
  const target = join(upper, path);
  if (kind === "dir") await mkdir(target, { recursive: true });
  else await writeFile(target, "", { flag: "a" });
}

async function copyUpDirs(view: FileView, upper: string, path: string): Promise<void> {
  if (path === "/") return;
  await copyUpDirs(view, upper, dirname(path));
  const target = join(upper, path);
  const entry = await view.entry(path);
  if (entry?.hostPath === target) return;
  await mkdir(target, { recursive: true });
  if (!entry) return;
  setOwner(target, entry.uid, entry.gid);
  await chmod(target, entry.mode);
}
