import { cpuMsOf, residentMbOf } from "./process-figures.ts";

export interface Measured {
  readonly operations: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the server, for one operation. */
  readonly cpuMs: number;
  /** The server's, at the end. */
  readonly residentMb: number;
}

/** Does `operation` `count` times, `concurrency` at once, and measures what that costs the process `pid`. */
export async function measure(
  pid: number,
  count: number,
  concurrency: number,
  operation: (i: number) => Promise<unknown>,
): Promise<Measured> {
  const latencies = new Float64Array(count);
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const i = next++;
      const begin = performance.now();
      await operation(i);
      latencies[i] = performance.now() - begin;
    }
  };
  return meter(pid, count, latencies, async () => {
    await Promise.all(Array.from({ length: Math.min(concurrency, count) }, worker));
  });
}

/** Measures `act`, which does `operations` and fills in `latencies`. */
export async function meter(
  pid: number,
  operations: number,
  latencies: Float64Array,
  act: () => Promise<void>,
): Promise<Measured> {
  const cpuBefore = cpuMsOf(pid);
  const begin = performance.now();
  await act();
  const seconds = (performance.now() - begin) / 1000;
  const cpuMs = (cpuMsOf(pid) - cpuBefore) / operations;
  const sorted = latencies.sort();
  return {
    operations,
    perSecond: operations / seconds,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    cpuMs,
    residentMb: residentMbOf(pid),
  };
}

export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
