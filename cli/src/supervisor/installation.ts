import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { Installation } from "./programs.ts";

/** The first executable called `name` on `path`, and in the folders where root's tools are even if a user's PATH lacks them. */
export function findExecutable(name: string, path = process.env.PATH ?? ""): string | undefined {
  const folders = [
    ...path.split(delimiter),
    "/usr/local/sbin",
    "/usr/sbin",
    "/sbin",
    "/usr/local/bin",
    "/usr/bin",
    "/bin",
  ];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What this machine has; `dist` is the folder of the bundle that asks. */
export function findInstallation(dist: string): Installation {
  return { node: process.execPath, dist, etcd: findExecutable("etcd"), containerd: findExecutable("containerd") };
}
