import type { Stats } from "node:fs";
import { chmod, mkdir, open, stat } from "node:fs/promises";
import { systemErrorCode } from "@tskube/base";
import type { VolumePlugin } from "./plugin.ts";

const checks: Readonly<Record<string, { is(stats: Stats): boolean; readonly what: string }>> = {
  Directory: { is: (stats) => stats.isDirectory(), what: "a directory" },
  DirectoryOrCreate: { is: (stats) => stats.isDirectory(), what: "a directory" },
  File: { is: (stats) => stats.isFile(), what: "a file" },
  FileOrCreate: { is: (stats) => stats.isFile(), what: "a file" },
  Socket: { is: (stats) => stats.isSocket(), what: "a socket file" },
  CharDevice: { is: (stats) => stats.isCharacterDevice(), what: "a character device" },
  BlockDevice: { is: (stats) => stats.isBlockDevice(), what: "a block device" },
};

/** A file or directory of the node itself. */
export const hostPath: VolumePlugin = {
  name: "kubernetes.io/host-path",
  followsApi: false,
  supports: (volume) => volume.hostPath !== undefined,
  async setUp({ volume }) {
    const { path = "", type = "" } = volume.hostPath ?? {};
    if (path.split("/").includes("..")) throw new Error(`path ${path} must not contain '..'`);
    const check = checks[type];
    if (!check) {
      if (type !== "") throw new Error(`${type} is an invalid volume type`);
      return path;
    }
    if (type.endsWith("OrCreate")) await createMissing(path, type);
    const stats = await stat(path).catch((error) => {
      if (systemErrorCode(error) === "ENOENT") return undefined;
      throw error;
    });
    if (!stats || !check.is(stats)) throw new Error(`hostPath type check failed: ${path} is not ${check.what}`);
    return path;
  },
};

async function createMissing(path: string, type: string): Promise<void> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (exists) return;
  if (type === "DirectoryOrCreate") {
    await mkdir(path, { recursive: true });
    await chmod(path, 0o755);
    return;
  }
  const file = await open(path, "a", 0o644); // its directory is not made: that is the user's to decide
  await file.chmod(0o644);
  await file.close();
}
