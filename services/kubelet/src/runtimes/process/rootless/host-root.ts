import { constants } from "node:fs";
import { access, chmod, lstat, mkdir, readdir, readlink, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { MountSpec } from "../launch/spec.ts";
import { hasMountsBelow, type KnownMount } from "./mount-flags.ts";

/** Directories that are each container's own, whatever the machine has there. */
const ownDirectories = new Set(["proc", "sys", "dev", "run"]);

/**
 * The machine's own root file system for a container without root. `/` itself cannot be a layer there, since the kernel would have to show what lies under the mounts in it; its
 * directories can. So the container's root is its writable layer, with links as the machine has them, and an overlay for each directory. Directories that the
 * user may not read, or that have other mounts in them, are empty.
 */
export async function hostRootMounts(
  dir: string,
  readonlyRoot: boolean,
  mounts: readonly KnownMount[],
): Promise<MountSpec[]> {
  const upper = join(dir, "upper");
  const access = readonlyRoot ? ["ro"] : [];
  const specs: MountSpec[] = [{ source: upper, target: "/", type: "none", options: ["bind", "nodev", ...access] }];
  for (const name of (await readdir("/")).sort()) {
    if (!(await copyEntry(`/${name}`, join(upper, name))) || !(await canBeLayer(`/${name}`, dir, mounts))) continue;
    const work = join(dir, `work-${name}`);
    await mkdir(work, { recursive: true });
    const options = [`lowerdir=/${name}`, `upperdir=${join(upper, name)}`, `workdir=${work}`, "userxattr", "nodev"];
    specs.push({ source: "overlay", target: `/${name}`, type: "overlay", options: [...options, ...access] });
  }
  return specs;
}

/** Makes a directory or link of the machine's root in the container's; true for a directory. Files in the root itself are left out. */
async function copyEntry(source: string, target: string): Promise<boolean> {
  const stats = await lstat(source);
  if (stats.isSymbolicLink()) {
    const link = await readlink(source);
    await symlink(link, target).catch(() => {}); // there when this runs for the second time
    return false;
  }
  if (!stats.isDirectory()) return false;
  await mkdir(target, { recursive: true });
  // The upper directory's mode is what the container sees, and whoever runs it must be able to enter.
  await chmod(target, (stats.mode & 0o7777) | 0o700);
  return true;
}

async function canBeLayer(path: string, dir: string, mounts: readonly KnownMount[]): Promise<boolean> {
  if (ownDirectories.has(path.slice(1)) || hasMountsBelow(path, mounts)) return false;
  // The kernel refuses a layer that has the writable layer in it.
  if (dir.startsWith(`${path}/`)) return false;
  return access(path, constants.R_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}
