/** Lets pods come and go for a long time and tells whether the server's memory stays as it is; see ../README.md. */
import { parseArgs } from "node:util";
import { createClient, must } from "../client/index.ts";
import { makeNamespace, podsPath } from "../objects.ts";
import { anonymousMbOf, cpuMsOf, residentMbOf } from "../process-figures.ts";
import { startServer } from "../server-process.ts";
import { Churn } from "./churn.ts";
import { trendOf } from "./trend.ts";

const usage = `usage: npm run soak -- [options]
  --target NAME      embedded or etcd (default embedded)
  --minutes N        how long (default 60)
  --pods N           pods that are there at any time (default 1000)
  --rate N           pods that come and go each second (default 50)
  --watchers N       watches that see all of it (default 20)`;

/** What garbage that is not collected yet may add, by how far samples of a settled server were seen to differ. */
const allowedGrowth = 0.1;
const samplesInAll = 60;

function readOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      target: { type: "string", default: "embedded" },
      minutes: { type: "string", default: "60" },
      pods: { type: "string", default: "1000" },
      rate: { type: "string", default: "50" },
      watchers: { type: "string", default: "20" },
    },
  });
  const target = values.target === "etcd" ? "etcd" : values.target === "embedded" ? "embedded" : undefined;
  const [minutes, pods, rate, watchers] = [values.minutes, values.pods, values.rate, values.watchers].map(Number);
  if (!target || !minutes || !pods || !rate || watchers === undefined || Number.isNaN(watchers)) throw new Error(usage);
  return { target, minutes, pods, rate, watchers } as const;
}

async function main(): Promise<void> {
  const { target, minutes, pods, rate, watchers } = readOptions(process.argv.slice(2));
  const server = await startServer(target, undefined);
  const client = createClient(server.endpoint, 1, 8);
  try {
    await makeNamespace(client);
    const churn = new Churn(client, { pods, perSecond: rate });
    await churn.fill();
    let seen = 0;
    for (let i = 0; i < watchers; i++) {
      await client.stream({ method: "GET", path: `${podsPath}?watch=true` }, (chunk) => {
        seen += chunk.byteLength;
      });
    }
    const samples: number[] = [];
    const sampleMs = (minutes * 60_000) / samplesInAll;
    for (let sample = 1; sample <= samplesInAll; sample++) {
      const [turns, cpuMs] = [churn.turns, cpuMsOf(server.pid)];
      await churn.run(performance.now() + sampleMs);
      const made = churn.turns - turns;
      samples.push(residentMbOf(server.pid));
      const cost = ((cpuMsOf(server.pid) - cpuMs) / made).toFixed(2);
      const minute = ((sample * sampleMs) / 60_000).toFixed(1);
      const memory = `${samples.at(-1)?.toFixed(0)} MB, ${anonymousMbOf(server.pid).toFixed(0)} of its own (${await heapFigures()})`;
      console.log(
        `${minute} min: ${memory}; ${made} pods came and went, ${cost} ms CPU each; ${(seen / 1e6).toFixed(0)} MB watched`,
      );
    }
    const { settled, last, growth } = trendOf(samples);
    const verdict = `${settled.toFixed(0)} MB when settled, ${last.toFixed(0)} MB at the end: ${(growth * 100).toFixed(1)} % more`;
    console.log(verdict);
    if (growth > allowedGrowth) process.exitCode = 1;
  } finally {
    client.close();
    await server.stop();
  }

  /** How much of the memory is JavaScript's objects, and how much buffers. */
  async function heapFigures(): Promise<string> {
    const { body } = await must(client, { method: "GET", path: "/metrics", keepsBody: true });
    const text = body.toString("utf8");
    const megabytes = (name: string) =>
      (Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN) / 1e6).toFixed(0);
    return `heap ${megabytes("nodejs_heap_size_used_bytes")}, buffers ${megabytes("nodejs_external_memory_bytes")}`;
  }
}

await main();
