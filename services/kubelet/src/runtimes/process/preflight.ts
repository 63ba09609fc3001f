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
  const script = [...programs, ...(uid === 0 ? [] : ["hostname"])]
    .map((name) => `command -v ${name} >/dev/null || echo ${name}`)
    .join("\n");
  const { stdout } = await runCommand("/bin/sh", ["-c", script]);
  const missing = stdout.trim().split("\n").filter(Boolean);
  if (missing.length > 0) {
    throw new UsageError(
      `the process runtime needs programs that are not installed: ${missing.join(", ")} (packages util-linux, coreutils, iproute2, hostname)`,
    );
  }
  if (uid !== 0) await checkUserNamespaces();
}

async function checkUserNamespaces(): Promise<void> {
  const { code, stderr } = await runCommand("unshare", ["--user", "--map-root-user", "--net", "--mount", "true"]);
  if (code !== 0) throw new UsageError(noUserNamespaces(stderr.trim()));
}

/** What to tell a user to whom the kernel gives no user namespace. */
export function noUserNamespaces(complaint: string): string {
  return (
    `without root, containers need user namespaces, which this kernel does not give you (${complaint}): run as root, or have the administrator allow them ` +
    "(sysctl user.max_user_namespaces above 0, and kernel.unprivileged_userns_clone=1 or kernel.apparmor_restrict_unprivileged_userns=0 where these exist)"
  );
}
