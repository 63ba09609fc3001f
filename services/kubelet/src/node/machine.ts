import { readFile, statfs } from "node:fs/promises";
import { availableParallelism, networkInterfaces, release, totalmem } from "node:os";

/** What does not change while the kubelet runs. */
export interface Machine {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly architecture: string;
  readonly maxPids: number;
}

/** How much of the machine is in use right now. */
export interface MachineLoad {
  readonly availableMemoryBytes: number;
  readonly diskCapacityBytes: number;
  readonly diskAvailableBytes: number;
  readonly inodesFree: number;
  readonly inodes: number;
  readonly pids: number;
}

const architectures: Readonly<Record<string, string>> = {
  x64: "amd64",
  arm64: "arm64",
  arm: "arm",
  ia32: "386",
  s390x: "s390x",
  ppc64: "ppc64le",
};

export async function readMachine(): Promise<Machine> {
  const [machineId, systemUuid, bootId, osRelease, maxPids] = await Promise.all([
    readText("/etc/machine-id"),
    readText("/sys/class/dmi/id/product_uuid"),
    readText("/proc/sys/kernel/random/boot_id"),
    readText("/etc/os-release"),
    readText("/proc/sys/kernel/pid_max"),
  ]);
  return {
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    machineId: machineId || bootId.replaceAll("-", ""),
    systemUuid: systemUuid || bootId,
    bootId,
    kernelVersion: release(),
    osImage: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? "Linux",
    architecture: architectures[process.arch] ?? process.arch,
    maxPids: Number(maxPids) || 32_768,
  };
}

/** `dir` is the kubelet's root: its file system is the one that pods fill up. */
export async function readLoad(dir: string): Promise<MachineLoad> {
  const [meminfo, disk, loadavg] = await Promise.all([
    readText("/proc/meminfo"),
    statfs(dir),
    readText("/proc/loadavg"),
  ]);
  const availableKib = Number(/^MemAvailable:\s+(\d+)/m.exec(meminfo)?.[1] ?? 0);
  return {
    availableMemoryBytes: availableKib * 1024,
    diskCapacityBytes: disk.blocks * disk.bsize,
    diskAvailableBytes: disk.bavail * disk.bsize,
    inodes: disk.files,
    inodesFree: disk.ffree,
    pids: Number(/\/(\d+)/.exec(loadavg)?.[1] ?? 0),
  };
}

/** The machine's own addresses that others can reach, IPv4 first. */
export function hostAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const usable = all.filter(
    ({ internal, address }) => !internal && !address.startsWith("169.254.") && !address.startsWith("fe80"),
  );
  return [...usable.filter(({ family }) => family === "IPv4"), ...usable.filter(({ family }) => family !== "IPv4")].map(
    ({ address }) => address,
  );
}

async function readText(path: string): Promise<string> {
  return (await readFile(path, "utf8").catch(() => "")).trim();
}
