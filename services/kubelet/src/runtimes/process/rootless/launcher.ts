import { readlinkSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { mountTable } from "../launch/fstab.ts";
import type { ContainerLauncher } from "../launch/launcher.ts";
import { initScript, processCommand } from "../launch/scripts.ts";
import type { ProcessSpec } from "../launch/spec.ts";
import type { Toolbox } from "../launch/toolbox.ts";
import { writeLaunchFiles } from "../launch/unshare-launcher.ts";
import { enterUserNamespace } from "./authority.ts";
import { rootlessMounts } from "./mounts.ts";

/** Namespaces as /proc names them, with the flag of `nsenter`. */
const namespaces = [
  ["mnt", "--mount"],
  ["uts", "--uts"],
  ["ipc", "--ipc"],
  ["net", "--net"],
  ["pid", "--pid"],
] as const;

/** Containers of an ordinary user: the same tools as root's, inside the user namespace. There are no cgroups to join. */
export function createRootlessLauncher(toolbox: Toolbox, userNamespace: string): ContainerLauncher {
  return {
    async prepare(spec) {
      await mkdir(join(spec.dir, "upper"), { recursive: true, mode: 0o755 });
      const fstab = mountTable(spec.dir, await rootlessMounts(spec));
      await writeLaunchFiles(spec, fstab, initScript(spec, toolbox, rootlessCommand(spec.process, toolbox)));
    },
    exec({ pid }, spec) {
      const joined = namespaces.filter(([name]) => isOther(pid, name)).map(([, flag]) => flag);
      const enter = [...enterUserNamespace(userNamespace), "--target", String(pid), ...joined];
      return { file: "nsenter", args: [...enter, `--wd=${toolbox.dir}`, "--", ...rootlessCommand(spec, toolbox)] };
    },
  };
}

/** The node's own namespaces may not be entered from a user namespace, and need not be. */
function isOther(pid: number, name: string): boolean {
  return readlinkSync(`/proc/${pid}/ns/${name}`) !== readlinkSync(`/proc/self/ns/${name}`);
}

/**
 * The program's command line. The user namespace has one user, root: a program that is to run as another is that user in a further namespace of its own, in which
 * files of its own are that user's. Supplementary groups do not exist there.
 */
export function rootlessCommand(spec: ProcessSpec, toolbox: Toolbox): string[] {
  const { uid, gid } = spec;
  const isRoot = uid === 0 && gid === 0;
  const become = [...toolbox.command("unshare"), "--user", `--map-user=${uid}`, `--map-group=${gid}`, "--"];
  return processCommand(spec, toolbox, { privileges: [], become: isRoot ? [] : become, keepsSession: spec.tty });
}
