import { existsSync } from "node:fs";
import { mkdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { LinuxContainerResources } from "@tskube/cri";
import type { Cgroups } from "./cgroups.ts";
import { keyedValue, processesUnder, readControl, readNumber, removeGroup, writeControl } from "./files.ts";

/** Controllers that we use; the others keep a container where the runtime is. */
const wanted = ["memory", "cpu", "cpuacct", "pids", "cpuset"] as const;
type Controller = (typeof wanted)[number];

/** Above this the kernel means "no limit". */
const unlimitedBytes = 1n << 60n;

/** Cgroup version 1: a tree per controller. `mounts` tells where each is mounted; `prefix` is our part of every tree. */
export function cgroupsV1(mounts: ReadonlyMap<string, string>, prefix: string): Cgroups {
  const controllers = wanted.filter((name) => mounts.has(name));
  const dirOf = (controller: Controller, path: string) => join(mounts.get(controller) ?? "", prefix, path);
  /** `cpu` and `cpuacct` may be one mount. */
  const dirs = (path: string) => [...new Set(controllers.map((name) => dirOf(name, path)))];

  async function apply(path: string, resources: LinuxContainerResources): Promise<void> {
    for (const [controller, file, value] of limitsV1(resources)) {
      if (mounts.has(controller)) await writeControl(dirOf(controller, path), file, value);
    }
  }

  return {
    dirs,
    visible: (path) => controllers.map((name) => ({ name, dir: dirOf(name, path) })),
    async create(path, resources) {
      for (const dir of dirs(path)) await mkdir(dir, { recursive: true });
      if (mounts.has("cpuset")) await inheritCpuset(dirOf("cpuset", "/"), path);
      if (resources) await apply(path, resources);
      return dirs(path);
    },
    exists: (path) => dirs(path).every(existsSync),
    update: apply,
    async oomKills(path) {
      return Number(keyedValue(await readControl(dirOf("memory", path), "memory.oom_control"), "oom_kill"));
    },
    async usage(path) {
      const memory = dirOf("memory", path);
      const usage = await readNumber(memory, "memory.usage_in_bytes");
      if (usage === undefined) return undefined;
      const stat = await readControl(memory, "memory.stat");
      const inactive = keyedValue(stat, "total_inactive_file");
      const limit = await readNumber(memory, "memory.limit_in_bytes");
      return {
        cpuNanos: (await readNumber(dirOf("cpuacct", path), "cpuacct.usage")) ?? 0n,
        memoryBytes: usage,
        workingSetBytes: usage > inactive ? usage - inactive : 0n,
        rssBytes: keyedValue(stat, "total_rss"),
        pageFaults: keyedValue(stat, "total_pgfault"),
        majorPageFaults: keyedValue(stat, "total_pgmajfault"),
        processes: BigInt((await processesUnder(memory)).length),
        memoryLimitBytes: limit !== undefined && limit < unlimitedBytes ? limit : undefined,
      };
    },
    processes: (path) => (controllers[0] ? processesUnder(dirOf(controllers[0], path)) : Promise.resolve([])),
    async remove(path) {
      const removed = await Promise.all(dirs(path).map(removeGroup));
      return removed.every(Boolean);
    },
    async removeEmpty(path) {
      await Promise.all(dirs(path).map((dir) => rmdir(dir).catch(() => {})));
    },
  };
}

type Limit = readonly [controller: Controller, file: string, value: string];

/** The control files to write for a container's resources, in the order in which the kernel accepts them. */
export function limitsV1(resources: LinuxContainerResources): Limit[] {
  const { cpuShares, cpuQuota, cpuPeriod, memoryLimitInBytes, cpusetCpus, cpusetMems, unified } = resources;
  const limits: Limit[] = [];
  if (cpuShares > 0n) limits.push(["cpu", "cpu.shares", String(cpuShares)]);
  if (cpuPeriod > 0n) limits.push(["cpu", "cpu.cfs_period_us", String(cpuPeriod)]);
  if (cpuQuota !== 0n) limits.push(["cpu", "cpu.cfs_quota_us", String(cpuQuota)]);
  if (memoryLimitInBytes !== 0n) limits.push(["memory", "memory.limit_in_bytes", String(memoryLimitInBytes)]);
  if (cpusetMems) limits.push(["cpuset", "cpuset.mems", cpusetMems]);
  if (cpusetCpus) limits.push(["cpuset", "cpuset.cpus", cpusetCpus]);
  if (unified["pids.max"]) limits.push(["pids", "pids.max", unified["pids.max"]]);
  return limits;
}

/** A new cpuset takes no process before it has processors and memory nodes; each level takes its parent's. */
async function inheritCpuset(top: string, path: string): Promise<void> {
  const levels = path.split("/").filter(Boolean);
  for (let depth = 1; depth <= levels.length; depth++) {
    const dir = join(top, ...levels.slice(0, depth));
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      if ((await readControl(dir, file))?.trim()) continue;
      await writeControl(dir, file, (await readControl(join(dir, ".."), file))?.trim() ?? "");
    }
  }
}
