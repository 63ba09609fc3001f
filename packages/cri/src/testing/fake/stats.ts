import type { Clock } from "@tskube/base";
import { cri } from "@tskube/proto-gen";
import { nowNanos } from "../../time.ts";
import type { FakeContainer, FakeSandbox } from "./records.ts";

const memoryBytes = 16n * 1024n * 1024n;
const nanosPerSecondOfRun = 10_000_000n;

/** One hundredth of a processor since its start, and 16 MiB. */
export function fakeContainerStats(container: FakeContainer, clock: Clock): cri.ContainerStats {
  const timestamp = nowNanos(clock);
  const ranFor = container.startedAt === 0n ? 0n : timestamp - container.startedAt;
  const usage = (ranFor / 1_000_000_000n) * nanosPerSecondOfRun;
  const { labels, annotations, metadata } = container.config;
  return cri.ContainerStats.fromPartial({
    attributes: { id: container.id, metadata: metadata ?? {}, labels, annotations },
    cpu: { timestamp, usageCoreNanoSeconds: { value: usage }, usageNanoCores: { value: nanosPerSecondOfRun } },
    memory: {
      timestamp,
      workingSetBytes: { value: memoryBytes },
      usageBytes: { value: memoryBytes },
      rssBytes: { value: memoryBytes },
    },
    writableLayer: { timestamp, fsId: { mountpoint: "/fake" }, usedBytes: { value: 4096n }, inodesUsed: { value: 1n } },
  });
}

/** The sum of its containers. */
export function fakeSandboxStats(sandbox: FakeSandbox, containers: FakeContainer[], clock: Clock): cri.PodSandboxStats {
  const timestamp = nowNanos(clock);
  const stats = containers.map((container) => fakeContainerStats(container, clock));
  const cpu = stats.reduce((sum, { cpu }) => sum + (cpu?.usageCoreNanoSeconds?.value ?? 0n), 0n);
  const memory = memoryBytes * BigInt(stats.length);
  const { labels, annotations, metadata } = sandbox.config;
  return cri.PodSandboxStats.fromPartial({
    attributes: { id: sandbox.id, metadata: metadata ?? {}, labels, annotations },
    linux: {
      cpu: { timestamp, usageCoreNanoSeconds: { value: cpu } },
      memory: { timestamp, workingSetBytes: { value: memory }, usageBytes: { value: memory } },
      process: { timestamp, processCount: { value: BigInt(stats.length) } },
      containers: stats,
    },
  });
}
