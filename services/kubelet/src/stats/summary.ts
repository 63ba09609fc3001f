import { formatTime } from "@tskube/apimachinery";
import type { MachineLoad } from "../node/machine.ts";
import type { RuntimePod } from "../runtime/model.ts";
import type { CpuRates } from "./cpu-rate.ts";
import type { ContainerUsage, NodeUsage, PodUsage } from "./usage.ts";

export interface SummaryInputs {
  readonly nodeName: string;
  readonly startedAtMs: number;
  readonly node: NodeUsage;
  readonly load: MachineLoad;
  readonly pods: readonly PodUsage[];
  readonly runtimePod: (uid: string) => RuntimePod | undefined;
  readonly rates: CpuRates;
}

/** The `/stats/summary` document. */
export function statsSummary(inputs: SummaryInputs): unknown {
  const { node, load, nodeName, rates } = inputs;
  const time = formatTime(node.timeMs);
  const keys = new Set(["node"]);
  const pods = inputs.pods.map((pod) => podSummary(inputs, pod, keys));
  const nodeRate = rates.rate("node", node.timeMs, node.cpuNanoseconds);
  rates.keepOnly(keys);
  return {
    node: {
      nodeName,
      startTime: formatTime(inputs.startedAtMs),
      cpu: cpu(time, node.cpuNanoseconds, nodeRate),
      memory: {
        time,
        availableBytes: node.availableMemoryBytes,
        usageBytes: node.memoryBytes - node.availableMemoryBytes,
        workingSetBytes: node.memoryBytes - node.availableMemoryBytes,
      },
      fs: fileSystem(time, load),
      runtime: { imageFs: fileSystem(time, load), containerFs: fileSystem(time, load) },
      rlimit: { time, maxpid: 0, curproc: load.pids },
    },
    pods,
  };
}

function podSummary(inputs: SummaryInputs, pod: PodUsage, keys: Set<string>): unknown {
  const { name, namespace, uid } = pod;
  const known = inputs.runtimePod(uid);
  const containers = pod.containers.map((usage) => {
    const startedAtMs = known?.containers.find(({ id }) => id === usage.id)?.startedAtMs ?? usage.timeMs;
    keys.add(usage.id);
    return containerSummary(usage, startedAtMs, inputs.rates.rate(usage.id, usage.timeMs, usage.cpuNanoseconds));
  });
  const sum = (read: (usage: ContainerUsage) => number) =>
    pod.containers.reduce((total, usage) => total + read(usage), 0);
  const time = formatTime(Math.max(0, ...pod.containers.map(({ timeMs }) => timeMs)));
  return {
    podRef: { name, namespace, uid },
    startTime: formatTime(known?.sandboxes[0]?.createdAtMs ?? 0),
    containers,
    cpu: cpu(
      time,
      sum((usage) => usage.cpuNanoseconds),
      containers.reduce<number | undefined>((total, each) => addRate(total, each.cpu.usageNanoCores), 0),
    ),
    memory: {
      time,
      usageBytes: sum((usage) => usage.memory.usage),
      workingSetBytes: sum((usage) => usage.memory.workingSet),
      rssBytes: sum((usage) => usage.memory.rss),
      pageFaults: sum((usage) => usage.memory.pageFaults),
      majorPageFaults: sum((usage) => usage.memory.majorPageFaults),
    },
    "ephemeral-storage": { time, usedBytes: sum((usage) => usage.writableLayerBytes) },
  };
}

function addRate(total: number | undefined, rate: number | undefined): number | undefined {
  return total === undefined || rate === undefined ? undefined : total + rate;
}

function containerSummary(usage: ContainerUsage, startedAtMs: number, rate: number | undefined) {
  const time = formatTime(usage.timeMs);
  const { memory } = usage;
  return {
    name: usage.name,
    startTime: formatTime(startedAtMs),
    cpu: cpu(time, usage.cpuNanoseconds, rate),
    memory: {
      time,
      usageBytes: memory.usage,
      workingSetBytes: memory.workingSet,
      rssBytes: memory.rss,
      pageFaults: memory.pageFaults,
      majorPageFaults: memory.majorPageFaults,
    },
    rootfs: { time, usedBytes: usage.writableLayerBytes, inodesUsed: usage.writableLayerInodes },
  };
}

function cpu(time: string, usageCoreNanoSeconds: number, usageNanoCores: number | undefined) {
  return { time, ...(usageNanoCores !== undefined && { usageNanoCores }), usageCoreNanoSeconds };
}

function fileSystem(time: string, load: MachineLoad) {
  return {
    time,
    availableBytes: load.diskAvailableBytes,
    capacityBytes: load.diskCapacityBytes,
    usedBytes: load.diskCapacityBytes - load.diskAvailableBytes,
    inodesFree: load.inodesFree,
    inodes: load.inodes,
    inodesUsed: load.inodes - load.inodesFree,
  };
}
