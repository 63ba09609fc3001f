/** Loads servers and reports what operations cost them; see README.md. */
import { spawnSync } from "node:child_process";
import { createClient } from "./client/index.ts";
import { type Options, parseOptions, type TargetName } from "./options.ts";
import { cpuMsOf, residentMbOf } from "./process-figures.ts";
import { heading, line } from "./report.ts";
import { benchApi } from "./scenarios/api.ts";
import { benchFloor } from "./scenarios/floor.ts";
import type { BenchContext } from "./scenarios/scenario.ts";
import { startServer } from "./server-process.ts";

const floorScenario = "get 3 KB";
/** What later scenarios rely on. */
const fills = /^(?:create|delete) pod/;
let floorCpuMs: number | undefined;

async function benchTarget(target: TargetName, options: Options): Promise<void> {
  const server = await startServer(target, target === "floor" ? undefined : options.profileDir);
  const client = createClient(server.endpoint, options.http, options.concurrency);
  const { pid } = server;
  console.log(
    `${target}: ready ${server.startedInMs.toFixed(0)} ms after exec, ${cpuMsOf(pid)} ms CPU, ${residentMbOf(pid).toFixed(0)} MB`,
  );
  const context: BenchContext = {
    pid,
    client,
    concurrency: options.concurrency,
    async report(name, act) {
      if (!options.only.test(name) && !fills.test(name) && target !== "floor") return;
      const measured = await act();
      if (target === "floor" && name === floorScenario) floorCpuMs = measured.cpuMs;
      console.log(line(target, name, measured, floorCpuMs));
    },
  };
  try {
    if (target === "floor") await benchFloor(context);
    else await benchApi(context, options.isLarge);
  } finally {
    client.close();
    await server.stop();
  }
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  console.log(heading());
  for (const target of options.targets) {
    if (target === "etcd" && spawnSync("etcd", ["--version"]).status !== 0) console.log("etcd: not installed");
    else await benchTarget(target, options);
  }
}

await main();
