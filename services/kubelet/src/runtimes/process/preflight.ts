import { UsageError } from "@tskube/component";
import { runCommand } from "./run-command.ts";

const programs = [
  "unshare",
  "nsenter",
  "mount",
  "umount",
  "pivot_root",
  "mkfifo",
  "setsid",
  "setpriv",
  "env",
  "ip",
  "ldd",
];

/** Fails with one sentence when this machine cannot run containers this way. */
export async function checkMachine(uid = process.getuid?.()): Promise<void> {
  if (process.platform !== "linux")
    throw new UsageError("the process runtime needs Linux: use containerd or docker here");
  if (uid !== 0) {
    throw new UsageError(
      "the process runtime must run as root: it creates namespaces, mounts and network interfaces (try sudo)",
    );
  }
  const script = programs.map((name) => `command -v ${name} >/dev/null || echo ${name}`).join("\n");
  const { stdout } = await runCommand("/bin/sh", ["-c", script]);
  const missing = stdout.trim().split("\n").filter(Boolean);
  if (missing.length > 0) {
    throw new UsageError(
      `the process runtime needs programs that are not installed: ${missing.join(", ")} (util-linux, coreutils, iproute2)`,
    );
  }
}
