import type { Container, Pod } from "@tskube/api";
import { parseQuantity, quantityMilliValue, quantityValue } from "@tskube/apimachinery";
import { LinuxContainerResources } from "@tskube/cri";
import { isCritical } from "../pods/identity.ts";
import { qosClassOf } from "../pods/qos.ts";

const cpuPeriodUs = 100_000;
const minCpuShares = 2;
const sharesPerCpu = 1024;
const maxCpuShares = 262_144;
const minCpuQuotaUs = 1000;

export interface ResourceOptions {
  readonly nodeMemoryBytes: number;
  /** Whether CPU limits become hard quotas. */
  readonly cpuCfsQuota: boolean;
}

/** The cgroup settings of one container. */
export function containerResources(pod: Pod, container: Container, options: ResourceOptions): LinuxContainerResources {
  const { requests = {}, limits = {} } = container.resources ?? {};
  // A limit without a request is a request too, which the API server writes in; static pods have not met it.
  const milliCpu = milli(requests["cpu"] ?? limits["cpu"]);
  const limitMilliCpu = milli(limits["cpu"]);
  return LinuxContainerResources.fromPartial({
    cpuShares: BigInt(cpuShares(milliCpu)),
    ...(options.cpuCfsQuota &&
      limitMilliCpu > 0 && { cpuPeriod: BigInt(cpuPeriodUs), cpuQuota: BigInt(cpuQuota(limitMilliCpu)) }),
    memoryLimitInBytes: BigInt(limits["memory"] === undefined ? 0 : quantityValue(parseQuantity(limits["memory"]))),
    oomScoreAdj: BigInt(oomScoreAdj(pod, container, options.nodeMemoryBytes)),
  });
}

function milli(text: string | undefined): number {
  return text === undefined ? 0 : quantityMilliValue(parseQuantity(text));
}

/** Relative weight of a CPU request in thousandths. */
export function cpuShares(milliCpu: number): number {
  if (milliCpu === 0) return minCpuShares;
  return Math.min(maxCpuShares, Math.max(minCpuShares, Math.floor((milliCpu * sharesPerCpu) / 1000)));
}

/** Microseconds of CPU time per period of 100 ms. */
export function cpuQuota(milliCpu: number): number {
  return Math.max(minCpuQuotaUs, Math.floor((milliCpu * cpuPeriodUs) / 1000));
}

/**
 * Who dies first when the node's memory is used up: pods without requests (1000), then burstable ones by the share of memory they did not
 * ask for (3…999), guaranteed (-997) and critical pods last.
 */
export function oomScoreAdj(pod: Pod, container: Container, nodeMemoryBytes: number): number {
  if (isCritical(pod)) return -997;
  switch (qosClassOf(pod)) {
    case "Guaranteed":
      return -997;
    case "BestEffort":
      return 1000;
    default: {
      const request = container.resources?.requests?.["memory"];
      const bytes = request === undefined ? 0 : quantityValue(parseQuantity(request));
      const score = 1000 - Math.floor((1000 * bytes) / Math.max(1, nodeMemoryBytes));
      return Math.min(999, Math.max(3, score));
    }
  }
}
