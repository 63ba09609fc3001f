import { readFile } from "node:fs/promises";
import type { ContainerStats, RuntimeService } from "@tskube/cri";
import { containerNameLabel, podNameLabel, podNamespaceLabel, podUidLabel } from "../runtime/names.ts";

/** What one container uses. */
export interface ContainerUsage {
  readonly name: string;
  readonly id: string;
  readonly timeMs: number;
  readonly cpuNanoseconds: number;
  readonly memory: {
    readonly usage: number;
    readonly workingSet: number;
    readonly rss: number;
    readonly pageFaults: number;
    readonly majorPageFaults: number;
  };
  readonly writableLayerBytes: number;
  readonly writableLayerInodes: number;
}

export interface PodUsage {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly containers: readonly ContainerUsage[];
}

export interface NodeUsage {
  readonly timeMs: number;
  readonly cpuNanoseconds: number;
  readonly memoryBytes: number;
  readonly availableMemoryBytes: number;
}

/** Usage of all running containers, by pod. One call of the runtime, however many there are. */
export async function readPodUsage(runtime: Pick<RuntimeService, "listContainerStats">): Promise<PodUsage[]> {
  const pods = new Map<string, { uid: string; name: string; namespace: string; containers: ContainerUsage[] }>();
  for (const stats of await runtime.listContainerStats()) {
    const labels = stats.attributes?.labels ?? {};
    const uid = labels[podUidLabel];
    if (!uid) continue;
    const pod = pods.get(uid) ?? {
      uid,
      name: labels[podNameLabel] ?? "",
      namespace: labels[podNamespaceLabel] ?? "",
      containers: [],
    };
    pods.set(uid, pod);
    pod.containers.push(containerUsage(stats, labels[containerNameLabel] ?? ""));
  }
  return [...pods.values()];
}

function containerUsage({ attributes, cpu, memory, writableLayer }: ContainerStats, name: string): ContainerUsage {
  const number = (value: { value: bigint } | undefined) => Number(value?.value ?? 0n);
  return {
    name,
    id: attributes?.id ?? "",
    timeMs: Number((cpu?.timestamp ?? memory?.timestamp ?? 0n) / 1_000_000n),
    cpuNanoseconds: number(cpu?.usageCoreNanoSeconds),
    memory: {
      usage: number(memory?.usageBytes),
      workingSet: number(memory?.workingSetBytes),
      rss: number(memory?.rssBytes),
      pageFaults: number(memory?.pageFaults),
      majorPageFaults: number(memory?.majorPageFaults),
    },
    writableLayerBytes: number(writableLayer?.usedBytes),
    writableLayerInodes: number(writableLayer?.inodesUsed),
  };
}

/** The kernel counts CPU time in hundredths of a second. */
const nanosecondsPerTick = 10_000_000;

export async function readNodeUsage(nowMs: number): Promise<NodeUsage> {
  const [stat, meminfo] = await Promise.all([readFile("/proc/stat", "utf8"), readFile("/proc/meminfo", "utf8")]);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (/^cpu\s+(.*)$/m.exec(stat)?.[1] ?? "")
    .split(" ")
    .map(Number);
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(meminfo)?.[1] ?? 0) * 1024;
  return {
    timeMs: nowMs,
    cpuNanoseconds: (user + nice + system + irq + softirq) * nanosecondsPerTick,
    memoryBytes: kib("MemTotal"),
    availableMemoryBytes: kib("MemAvailable"),
  };
}
