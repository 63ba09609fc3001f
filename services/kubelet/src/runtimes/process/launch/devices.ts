import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runOrThrow } from "../run-command.ts";

const nodes = [
  ["null", 1, 3],
  ["zero", 1, 5],
  ["full", 1, 7],
  ["random", 1, 8],
  ["urandom", 1, 9],
  ["tty", 5, 0],
] as const;

const links = [
  ["ptmx", "pts/ptmx"],
  ["fd", "/proc/self/fd"],
  ["stdin", "/proc/self/fd/0"],
  ["stdout", "/proc/self/fd/1"],
  ["stderr", "/proc/self/fd/2"],
] as const;

/** Makes the directory that is the lower layer of every container's /dev: one overlay instead of a mount per device. */
export async function createDeviceTemplate(dir: string, isRoot: boolean): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o755 });
  await Promise.all(["pts", "shm", "mqueue"].map((name) => mkdir(join(dir, name), { recursive: true })));
  await writeFile(join(dir, "console"), "", { flag: "a" });
  for (const [name, target] of links) await symlink(target, join(dir, name)).catch(() => {});
  if (!isRoot) {
    // Points to mount the node's own devices at: an ordinary user can make none.
    await Promise.all(nodes.map(([name]) => writeFile(join(dir, name), "", { flag: "a" })));
    return;
  }
  const commands = nodes.map(
    ([name, major, minor]) => `[ -c ${name} ] || mknod -m 666 ${name} c ${major} ${minor} || exit 1`,
  );
  await runOrThrow("/bin/sh", ["-c", `cd "$1" && ${commands.join("\n")}`, "sh", dir]);
}
