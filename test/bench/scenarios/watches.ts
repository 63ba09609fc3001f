import type { BenchStream } from "../client/index.ts";
import { meter } from "../measure.ts";
import { cpuMsOf } from "../process-figures.ts";
import type { BenchContext } from "./scenario.ts";

export interface WatchLoad {
  readonly watchers: number;
  readonly events: number;
  /** Writes under way at once. */
  readonly writers: number;
  readonly path: string;
  /** Makes one event. */
  readonly write: (i: number) => Promise<unknown>;
  /** What one write costs without watchers, which is taken off. */
  readonly writeCpuMs?: number;
}

const idleMs = 60_000;

/** Measures events delivered to many watchers: the CPU per delivery is without the writes' own, the latencies are the writes'. */
export async function watchDelivery(context: BenchContext, load: WatchLoad): Promise<void> {
  const { watchers, events } = load;
  await context.report(`watch, ${watchers} watchers: delivery`, async () => {
    const counter = countedArrivals(watchers * events);
    const streams: BenchStream[] = [];
    for (let i = 0; i < watchers; i++) {
      streams.push(await context.client.stream({ method: "GET", path: load.path }, counter.onData));
    }
    // What the watch begins with and what opening it left behind must not count.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const all = counter.start();
    const latencies = new Float64Array(events);
    const writesCpuMs = (load.writeCpuMs ?? 0) * events;
    const before = cpuMsOf(context.pid);
    const measured = await meter(context.pid, watchers * events, latencies, async () => {
      await Promise.all([writeAll(load, latencies), all]);
    });
    const cpuMs = (cpuMsOf(context.pid) - before - writesCpuMs) / (watchers * events);
    for (const stream of streams) stream.close();
    return { ...measured, cpuMs };
  });
}

async function writeAll(load: WatchLoad, latencies: Float64Array): Promise<void> {
  let next = 0;
  const writer = async () => {
    while (next < load.events) {
      const i = next++;
      const begin = performance.now();
      await load.write(i);
      latencies[i] = performance.now() - begin;
    }
  };
  await Promise.all(Array.from({ length: load.writers }, writer));
}

/** Counts the events of all streams by their line ends. */
function countedArrivals(expected: number) {
  let seen = 0;
  let finish: (() => void) | undefined;
  return {
    /** Counts from now on; resolves when all have come. */
    start: () =>
      new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${seen} of ${expected} events arrived`)), idleMs);
        finish = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    onData(chunk: Buffer) {
      if (!finish) return;
      for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) seen++;
      if (seen >= expected) finish();
    },
  };
}
