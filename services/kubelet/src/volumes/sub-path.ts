import { constants } from "node:fs";
import { type FileHandle, mkdir, open, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { systemErrorCode } from "@tskube/base";
import type { Mounter } from "./mounter.ts";

/**
 * Makes a part of a volume safe to hand to the runtime. A container may swap a directory of its volume for a symbolic link at any moment,
 * and a mount that followed it would open the node's files. So the part is resolved, required to lie within the volume, opened one
 * component at a time without following links, and what was opened is bound to `target`, which no container can reach.
 */
export async function bindSubPath(
  mounter: Mounter,
  volumePath: string,
  subPath: string,
  target: string,
): Promise<string> {
  checkSubPath(subPath);
  const root = await realpath(volumePath);
  if (await mounter.isMounted(target)) return target;
  const { existing, missing } = await resolveWithin(root, subPath);
  const handle = await openWithoutLinks(root, relative(root, existing), missing);
  try {
    await prepareTarget(target, (await handle.stat()).isDirectory());
    await mounter.bind(`/proc/${process.pid}/fd/${handle.fd}`, target);
  } finally {
    await handle.close();
  }
  return target;
}

export function checkSubPath(subPath: string): void {
  if (subPath.startsWith("/")) throw new Error(`subPath must not be an absolute path: ${subPath}`);
  if (subPath.split("/").includes("..")) throw new Error(`subPath must not contain '..': ${subPath}`);
}

function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** The part of the path that exists, with its links resolved, and the names that follow it. Throws when it leads out of the volume. */
async function resolveWithin(root: string, subPath: string): Promise<{ existing: string; missing: string[] }> {
  const names = subPath.split("/").filter((part) => part !== "" && part !== ".");
  let existing = root;
  for (const [index, name] of names.entries()) {
    const found = await realpath(join(existing, name)).catch((error) => {
      if (systemErrorCode(error) === "ENOENT") return undefined;
      throw error;
    });
    if (found === undefined) return { existing, missing: names.slice(index) };
    if (!isWithin(root, found))
      throw new Error(`subpath ${JSON.stringify(found)} not within volume path ${JSON.stringify(root)}`);
    existing = found;
  }
  return { existing, missing: [] };
}

/** O_PATH, which Node does not name: a handle on a file without access to its content. */
const openPathOnly = 0o10000000;

/** Opens a path below `root` and makes what is missing at its end, each step by the handle of the one before. */
async function openWithoutLinks(root: string, path: string, missing: readonly string[]): Promise<FileHandle> {
  const rootHandle = await open(root, openPathOnly | constants.O_NOFOLLOW);
  const mode = (await rootHandle.stat()).mode & 0o7777;
  let handle = rootHandle;
  for (const name of path.split(sep).filter((part) => part !== "")) handle = await openChild(handle, name);
  for (const name of missing) {
    await mkdir(`/proc/self/fd/${handle.fd}/${name}`, { mode });
    handle = await openChild(handle, name);
  }
  return handle;
}

async function openChild(parent: FileHandle, name: string): Promise<FileHandle> {
  const child = await open(`/proc/self/fd/${parent.fd}/${name}`, openPathOnly | constants.O_NOFOLLOW).finally(() =>
    parent.close(),
  );
  if (!(await child.stat()).isSymbolicLink()) return child;
  await child.close();
  throw new Error(`${name} of a subpath turned into a symbolic link`);
}

async function prepareTarget(target: string, isDirectory: boolean): Promise<void> {
  await mkdir(dirname(target), { recursive: true, mode: 0o750 });
  if (isDirectory) {
    await mkdir(target, { recursive: true, mode: 0o750 });
    return;
  }
  await rm(target, { force: true });
  await writeFile(target, "", { mode: 0o640 });
}
