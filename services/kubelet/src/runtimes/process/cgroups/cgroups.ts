import type { LinuxContainerResources } from "@tskube/cri";

export interface CgroupUsage {
  readonly cpuNanos: bigint;
  readonly memoryBytes: bigint;
  /** Memory that cannot be given back at once: all but the inactive file cache. */
  readonly workingSetBytes: bigint;
  readonly rssBytes: bigint;
  readonly pageFaults: bigint;
  readonly majorPageFaults: bigint;
  readonly processes: bigint;
  /** The memory limit, when there is one. */
  readonly memoryLimitBytes: bigint | undefined;
}

/**
 * Cgroups by their path below the runtime's cgroup root, whichever version the node has. Where the node gives us none, containers run unlimited: `dirs` is then
 * empty and nothing here fails.
 */
export interface Cgroups {
  /** Creates what is missing of a group, with these limits, and returns the directories whose `cgroup.procs` its processes join. */
  create(path: string, resources: LinuxContainerResources | undefined): Promise<readonly string[]>;
  exists(path: string): boolean;
  update(path: string, resources: LinuxContainerResources): Promise<void>;
  dirs(path: string): readonly string[];
  /** What a container should see below its /sys/fs/cgroup: a directory for each controller, or one with the empty name for all. */
  visible(path: string): ReadonlyArray<{ readonly name: string; readonly dir: string }>;
  /** How many of its processes the kernel has killed for want of memory. */
  oomKills(path: string): Promise<number>;
  usage(path: string): Promise<CgroupUsage | undefined>;
  /** All processes in the group and below it. */
  processes(path: string): Promise<readonly number[]>;
  /** Removes the group, and groups inside that containers made; false when processes are still in it. */
  remove(path: string): Promise<boolean>;
  /** Removes the group if nothing at all is in it. */
  removeEmpty(path: string): Promise<void>;
}

/** A node without cgroups. */
export const noCgroups: Cgroups = {
  create: async () => [],
  exists: () => true,
  update: async () => {},
  dirs: () => [],
  visible: () => [],
  oomKills: async () => 0,
  usage: async () => undefined,
  processes: async () => [],
  remove: async () => true,
  removeEmpty: async () => {},
};
