import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemErrorCode } from "@tskube/base";

/** The leaf that holds a worker's own programs. */
const programsGroup = "tskube-system";

/**
 * Makes the container's cgroup one below which pods can have theirs. The container was started in a cgroup namespace of its own, so
 * `/` is its own group in either version.
 *
 * In v2 a group that hands controllers on may hold no processes itself: those of the container move into a leaf. v1 knows no such rule.
 */
export function delegateCgroup(mountPoint = "/sys/fs/cgroup"): void {
  const controllersFile = join(mountPoint, "cgroup.controllers");
  if (!existsSync(controllersFile)) return;
  const leaf = join(mountPoint, programsGroup);
  mkdirSync(leaf, { recursive: true });
  for (const pid of words(join(mountPoint, "cgroup.procs"))) moveInto(leaf, pid);
  const controllers = words(controllersFile).map((name) => `+${name}`);
  writeFileSync(join(mountPoint, "cgroup.subtree_control"), controllers.join(" "));
}

function moveInto(group: string, pid: string): void {
  try {
    writeFileSync(join(group, "cgroup.procs"), pid);
  } catch (error) {
    // It has ended meanwhile.
    if (systemErrorCode(error) !== "ESRCH") throw error;
  }
}

function words(file: string): string[] {
  return readFileSync(file, "latin1").split(/\s+/).filter(Boolean);
}
