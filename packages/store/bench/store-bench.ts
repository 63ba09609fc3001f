import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKey, openEmbeddedStore, openEtcdStore, type Store, updateKey } from "../src/index.ts";

/** Values of a pod's size. */
const value = Buffer.alloc(3000, "x");

interface Measured {
  readonly operation: string;
  readonly concurrency: number;
  readonly perSecond: number;
  readonly cpuMs: number;
}

/** Does `operation` `count` times, `concurrency` at once, and measures this process's time and CPU. */
async function measure(
  name: string,
  concurrency: number,
  count: number,
  operation: (i: number) => Promise<unknown>,
): Promise<Measured> {
  let next = 0;
  const begin = performance.now();
  const cpu = process.cpuUsage();
  const worker = async () => {
    while (next < count) await operation(next++);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const used = process.cpuUsage(cpu);
  const seconds = (performance.now() - begin) / 1000;
  return { operation: name, concurrency, perSecond: count / seconds, cpuMs: (used.user + used.system) / 1000 / count };
}

async function benchStore(store: Store): Promise<Measured[]> {
  const results: Measured[] = [];
  for (const concurrency of [1, 32]) {
    const count = concurrency === 1 ? 500 : 5000;
    const prefix = `/registry/bench-${Date.now()}-${concurrency}/`;
    const revisions: number[] = [];
    const create = async (i: number) => {
      revisions[i] = (await createKey(store, prefix + i, value)).revision;
    };
    results.push(await measure("create", concurrency, count, create));
    const update = (i: number) => updateKey(store, prefix + i, value, revisions[i] ?? 0);
    results.push(await measure("compare and put", concurrency, count, update));
    results.push(await measure("get", concurrency, count, (i) => store.get(prefix + i)));
    results.push(await measure("current revision", concurrency, count, () => store.currentRevision()));
    results.push(await measure(`list ${count}`, 1, 5, () => store.range({ prefix })));
  }
  results.push(await benchWatch(store));
  return results;
}

/** From 32 writers through 60 watches, each of which sees every sixtieth change. */
async function benchWatch(store: Store): Promise<Measured> {
  const prefix = `/registry/bench-watch-${Date.now()}/`;
  const abort = new AbortController();
  const fromRevision = (await store.currentRevision()) + 1;
  const count = 3000;
  const watchers = 60;
  const seen = Array.from({ length: watchers }, async (_, i) => {
    let left = count / watchers;
    for await (const { events } of store.watch({ prefix: `${prefix}${i}/`, fromRevision }, abort.signal)) {
      left -= events.length;
      if (left === 0) return;
    }
  });
  const create = (i: number) => createKey(store, `${prefix}${i % watchers}/${i}`, value);
  const measured = await measure("create, 60 watched", 32, count, create);
  await Promise.all(seen);
  abort.abort();
  return measured;
}

function print(backend: string, results: readonly Measured[]): void {
  for (const { operation, concurrency, perSecond, cpuMs } of results) {
    const columns = [backend.padEnd(9), operation.padEnd(18), String(concurrency).padStart(3)];
    process.stdout.write(
      `${columns.join(" ")} ${perSecond.toFixed(0).padStart(8)}/s ${cpuMs.toFixed(3).padStart(8)} ms CPU\n`,
    );
  }
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "tskube-bench-"));
  const embedded = await openEmbeddedStore({ directory });
  print("embedded", await benchStore(embedded));
  await embedded.close();
  rmSync(directory, { recursive: true, force: true });

  const endpoints = process.argv.slice(2);
  if (endpoints.length === 0) return;
  const etcd = await openEtcdStore({ endpoints });
  print("etcd", await benchStore(etcd));
  await etcd.close();
}

await main();
