import { existsSync } from "node:fs";
import { mkdir, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { LinuxContainerResources } from "@tskube/cri";
import type { Cgroups } from "./cgroups.ts";
import { keyedValue, processesUnder, readControl, readNumber, removeGroup, writeControl } from "./files.ts";

const controllers = "+cpu +memory +pids +cpuset";

/** Cgroup version 2: one tree at `mount`; `prefix` is our part of it. */
export function cgroupsV2(mount: string, prefix: string): Cgroups {
  const dirOf = (path: string) => join(mount, prefix, path);

  async function apply(path: string, resources: LinuxContainerResources): Promise<void> {
    for (const [file, value] of limitsV2(resources)) await writeControl(dirOf(path), file, value);
  }

  return {
    dirs: (path) => [dirOf(path)],
    visible: (path) => [{ name: "", dir: dirOf(path) }],
    async create(path, resources) {
      await mkdir(dirOf(path), { recursive: true });
      await delegate(mount, dirOf(path));
      if (resources) await apply(path, resources);
      return [dirOf(path)];
    },
    exists: (path) => existsSync(dirOf(path)),
    update: apply,
    async oomKills(path) {
      return Number(keyedValue(await readControl(dirOf(path), "memory.events"), "oom_kill"));
    },
    async usage(path) {
      const dir = dirOf(path);
      const [usage, stat, cpu] = await Promise.all([
        readNumber(dir, "memory.current"),
        readControl(dir, "memory.stat"),
        readControl(dir, "cpu.stat"),
      ]);
      if (cpu === undefined) return undefined;
      const memoryBytes = usage ?? 0n;
      const inactive = keyedValue(stat, "inactive_file");
      return {
        cpuNanos: keyedValue(cpu, "usage_usec") * 1000n,
        memoryBytes,
        workingSetBytes: memoryBytes > inactive ? memoryBytes - inactive : 0n,
        rssBytes: keyedValue(stat, "anon"),
        pageFaults: keyedValue(stat, "pgfault"),
        majorPageFaults: keyedValue(stat, "pgmajfault"),
        processes: BigInt((await processesUnder(dir)).length),
        memoryLimitBytes: await readNumber(dir, "memory.max"),
      };
    },
    processes: (path) => processesUnder(dirOf(path)),
    remove: (path) => removeGroup(dirOf(path)),
    async removeEmpty(path) {
      await rmdir(dirOf(path)).catch(() => {});
    },
  };
}

/** Each level above a group must hand the controllers down. Levels that hold processes themselves refuse, and then limits below do too. */
async function delegate(mount: string, dir: string): Promise<void> {
  const above = dirname(dir);
  if (above.length < mount.length) return;
  await delegate(mount, above);
  await writeControl(above, "cgroup.subtree_control", controllers).catch(() => {});
}

/** The control files to write for a container's resources. */
export function limitsV2(resources: LinuxContainerResources): Array<readonly [file: string, value: string]> {
  const { cpuShares, cpuQuota, cpuPeriod, memoryLimitInBytes, cpusetCpus, cpusetMems, unified } = resources;
  const limits = new Map<string, string>();
  if (cpuShares > 0n) limits.set("cpu.weight", String(weightOfShares(cpuShares)));
  if (cpuQuota !== 0n || cpuPeriod > 0n) {
    limits.set("cpu.max", `${cpuQuota > 0n ? cpuQuota : "max"} ${cpuPeriod > 0n ? cpuPeriod : 100_000n}`);
  }
  if (memoryLimitInBytes !== 0n) limits.set("memory.max", memoryLimitInBytes > 0n ? String(memoryLimitInBytes) : "max");
  if (cpusetMems) limits.set("cpuset.mems", cpusetMems);
  if (cpusetCpus) limits.set("cpuset.cpus", cpusetCpus);
  for (const [file, value] of Object.entries(unified)) limits.set(file, value);
  return [...limits];
}

/** Shares 2..262144 onto weights 1..10000, as every runtime maps them. */
export const weightOfShares = (shares: bigint): bigint => 1n + ((shares - 2n) * 9999n) / 262142n;
