import { constants } from "node:fs";
import { type FileHandle, mkdir, open, realpath, rm, stat, writeFile } from "node:fs/promises";
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
  const wanted = join(root, subPath);
  await createWithin(root, subPath);
  const actual = await realpath(wanted);
  if (!isWithin(root, actual))
    throw new Error(`subpath ${JSON.stringify(actual)} not within volume path ${JSON.stringify(root)}`);
  if (await mounter.isMounted(target)) return target;
  const handle = await openWithoutLinks(root, relative(root, actual));
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

/** Makes the missing end of the path as directories, below what exists and is proven to be inside. */
async function createWithin(root: string, subPath: string): Promise<void> {
  let parent = root;
  for (const name of subPath.split("/").filter((part) => part !== "" && part !== ".")) {
    const path = join(parent, name);
    const found = await realpath(path).catch((error) => {
      if (systemErrorCode(error) === "ENOENT") return undefined;
      throw error;
    });
    if (found === undefined) {
      await mkdir(path, { mode: (await stat(root)).mode & 0o7777 });
      parent = path;
      continue;
    }
    if (!isWithin(root, found))
      throw new Error(`subpath ${JSON.stringify(found)} not within volume path ${JSON.stringify(root)}`);
    parent = found;
  }
}

/** O_PATH, which Node does not name: a handle on a file without access to its content. */
const openPathOnly = 0o10000000;

async function openWithoutLinks(root: string, path: string): Promise<FileHandle> {
  const flags = openPathOnly | constants.O_NOFOLLOW;
  let handle = await open(root, flags);
  for (const name of path.split(sep).filter((part) => part !== "")) {
    const next = await open(`/proc/self/fd/${handle.fd}/${name}`, flags).finally(() => handle.close());
    handle = next;
    if ((await next.stat()).isSymbolicLink()) throw new Error(`${name} of a subpath turned into a symbolic link`);
  }
  return handle;
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
