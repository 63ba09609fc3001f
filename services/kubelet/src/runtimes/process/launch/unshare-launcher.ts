import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomic } from "../files/atomic.ts";
import { containerFstab } from "./fstab.ts";
import type { ContainerLauncher } from "./launcher.ts";
import { initScript, joinCgroups, launchScript, processCommand } from "./scripts.ts";
import type { LaunchSpec } from "./spec.ts";
import type { Toolbox } from "./toolbox.ts";

/** Containers by util-linux alone: nsenter, unshare, mount, pivot_root and setpriv. */
export function createUnshareLauncher(toolbox: Toolbox): ContainerLauncher {
  return {
    async prepare(spec) {
      await writeLaunchFiles(spec, containerFstab(spec), initScript(spec, toolbox));
    },
    exec({ pid, cgroupDirs }, spec) {
      const enter = ["nsenter", "--target", String(pid), "--mount", "--uts", "--ipc", "--net", "--pid"];
      const words = [...enter, `--wd=${toolbox.dir}`, "--", ...processCommand(spec, toolbox)];
      // As arguments, not as text: a single one may not pass 128 KiB.
      return { file: "/bin/sh", args: ["-c", `${joinCgroups(cgroupDirs)}\nexec "$@"`, "sh", ...words] };
    },
  };
}

/** Makes the directories of a container's mounts and writes its scripts. */
export async function writeLaunchFiles(spec: LaunchSpec, fstab: string, init: string): Promise<void> {
  const below = (name: string) => join(spec.dir, name);
  // The upper directory's mode is the mode of the container's `/`.
  await mkdir(below("upper"), { recursive: true, mode: 0o755 });
  await Promise.all(["work", "root", "dev-upper", "dev-work"].map((name) => mkdir(below(name), { recursive: true })));
  await writeAtomic(below("fstab"), fstab);
  await writeAtomic(below("launch.sh"), launchScript(spec));
  await writeAtomic(below("init.sh"), init);
}
