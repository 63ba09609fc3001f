import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemErrorCode } from "@tskube/base";

const mountPoint = "/sys/fs/cgroup";

/**
 * The hierarchies in which we make groups for a cluster's processes: the one unified hierarchy (cgroup v2), or each v1 hierarchy that
 * limits something. Membership of any serves to find all processes of a node, its containers included.
 */
export function cgroupHierarchies(): string[] {
  if (existsSync(join(mountPoint, "cgroup.controllers"))) return [mountPoint];
  return ["pids", "memory", "cpu"]
    .map((name) => join(mountPoint, name))
    .filter((path) => existsSync(join(path, "cgroup.procs")));
}

/** Creates the group in every hierarchy. */
export function ensureCgroup(group: string): void {
  for (const hierarchy of cgroupHierarchies()) mkdirSync(join(hierarchy, group), { recursive: true });
}

/** Every process in the group and the groups below it, in any hierarchy. */
export function processesInCgroup(group: string): number[] {
  const found = new Set<number>();
  for (const hierarchy of cgroupHierarchies()) {
    for (const folder of groupsBelow(join(hierarchy, group))) {
      for (const pid of readProcs(folder)) found.add(pid);
    }
  }
  return [...found];
}

/** Removes the group and those below it, once they are empty; returns what could not be removed because processes are left. */
export function removeCgroup(group: string): string[] {
  const left: string[] = [];
  for (const hierarchy of everyHierarchy()) {
    // Deepest first: a group with groups below it cannot be removed.
    for (const folder of groupsBelow(join(hierarchy, group)).reverse()) {
      try {
        rmdirSync(folder);
      } catch (error) {
        if (existsSync(folder)) left.push(`${folder}: ${String(error)}`);
      }
    }
  }
  return left;
}

/** Runtimes make groups in all v1 hierarchies, also in those that we do not use ourselves. */
function everyHierarchy(): string[] {
  if (existsSync(join(mountPoint, "cgroup.controllers"))) return [mountPoint];
  try {
    return readdirSync(mountPoint).map((name) => join(mountPoint, name));
  } catch {
    return [];
  }
}

/** `folder` and all groups below it, each before those below it. */
function groupsBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [folder, ...below.flatMap((entry) => groupsBelow(join(folder, entry.name)))];
}

function readProcs(folder: string): number[] {
  try {
    return readFileSync(join(folder, "cgroup.procs"), "latin1").split("\n").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Moves a process into the group, in every hierarchy. A process that has ended meanwhile is no error. */
export function addToCgroup(group: string, pid: number): void {
  for (const hierarchy of cgroupHierarchies()) {
    try {
      writeFileSync(join(hierarchy, group, "cgroup.procs"), String(pid));
    } catch (error) {
      if (systemErrorCode(error) !== "ESRCH") throw error;
    }
  }
}
