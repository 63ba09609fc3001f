import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "@tskube/base";
import { nowNanos } from "@tskube/cri";
import { cri } from "@tskube/proto-gen";
import type { Cgroups, CgroupUsage } from "../cgroups/cgroups.ts";
import type { LiveContainer } from "../containers/live.ts";
import { cgroupParent, type SandboxRecord } from "../sandboxes/record.ts";

export interface StatsDeps {
  readonly cgroups: Cgroups;
  readonly clock: Clock;
}

/** Reads what containers and pods use. Rates come from the difference to the reading before. */
export class StatsReader {
  readonly #deps: StatsDeps;
  readonly #before = new Map<string, { readonly at: bigint; readonly cpuNanos: bigint }>();

  constructor(deps: StatsDeps) {
    this.#deps = deps;
  }

  async container({ record, dir }: LiveContainer): Promise<cri.ContainerStats> {
    const usage = await this.#deps.cgroups.usage(record.cgroup);
    const timestamp = nowNanos(this.#deps.clock);
    const { metadata, labels, annotations } = record.config;
    const layer = await directorySize(join(dir, "upper"));
    return cri.ContainerStats.fromPartial({
      attributes: { id: record.id, metadata: metadata ?? {}, labels, annotations },
      ...(usage && { cpu: this.#cpu(record.id, usage, timestamp), memory: memoryUsage(usage, timestamp) }),
      writableLayer: {
        timestamp,
        fsId: { mountpoint: dir },
        usedBytes: { value: layer.bytes },
        inodesUsed: { value: layer.inodes },
      },
    });
  }

  async sandbox(record: SandboxRecord, containers: readonly LiveContainer[]): Promise<cri.PodSandboxStats> {
    const stats = await Promise.all(containers.map((container) => this.container(container)));
    const usage = await this.#deps.cgroups.usage(cgroupParent(record.config));
    const timestamp = nowNanos(this.#deps.clock);
    const { metadata, labels, annotations } = record.config;
    return cri.PodSandboxStats.fromPartial({
      attributes: { id: record.id, metadata: metadata ?? {}, labels, annotations },
      linux: {
        ...(usage && {
          cpu: this.#cpu(record.id, usage, timestamp),
          memory: memoryUsage(usage, timestamp),
          process: { timestamp, processCount: { value: usage.processes } },
        }),
        containers: stats,
      },
    });
  }

  forget(id: string): void {
    this.#before.delete(id);
  }

  #cpu(id: string, { cpuNanos }: CgroupUsage, timestamp: bigint): cri.DeepPartial<cri.CpuUsage> {
    const before = this.#before.get(id);
    this.#before.set(id, { at: timestamp, cpuNanos });
    const cpu = { timestamp, usageCoreNanoSeconds: { value: cpuNanos } };
    if (!before || timestamp <= before.at || cpuNanos < before.cpuNanos) return cpu;
    const perSecond = ((cpuNanos - before.cpuNanos) * 1_000_000_000n) / (timestamp - before.at);
    return { ...cpu, usageNanoCores: { value: perSecond } };
  }
}

function memoryUsage(usage: CgroupUsage, timestamp: bigint): cri.DeepPartial<cri.MemoryUsage> {
  const { memoryBytes, workingSetBytes, rssBytes, pageFaults, majorPageFaults, memoryLimitBytes } = usage;
  const available =
    memoryLimitBytes !== undefined && memoryLimitBytes > workingSetBytes
      ? memoryLimitBytes - workingSetBytes
      : undefined;
  return {
    timestamp,
    usageBytes: { value: memoryBytes },
    workingSetBytes: { value: workingSetBytes },
    rssBytes: { value: rssBytes },
    pageFaults: { value: pageFaults },
    majorPageFaults: { value: majorPageFaults },
    ...(available !== undefined && { availableBytes: { value: available } }),
  };
}

/** What a directory takes on disk, without following links or mounts below. */
export async function directorySize(dir: string): Promise<{ bytes: bigint; inodes: bigint }> {
  let bytes = 0n;
  let inodes = 0n;
  const pending = [dir];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const entry of await readdir(at, { withFileTypes: true }).catch(() => [])) {
      const path = join(at, entry.name);
      const stats = await lstat(path).catch(() => undefined);
      inodes++;
      if (entry.isDirectory()) pending.push(path);
      else if (entry.isFile() && stats) bytes += BigInt(stats.blocks) * 512n;
    }
  }
  return { bytes, inodes };
}
