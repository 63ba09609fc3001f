import { must } from "../client/index.ts";
import { measure } from "../measure.ts";
import { applied, json, makeNamespace, pod, podPath, podsPath, statusPatch } from "../objects.ts";
import { informers } from "./informers.ts";
import { lists } from "./lists.ts";
import { type BenchContext, repeat } from "./scenario.ts";
import { watchDelivery } from "./watches.ts";

const few = 2_000;
const many = 10_000;
const jsonBody = { "content-type": "application/json" };
const mergeBody = { "content-type": "application/merge-patch+json" };
const applyBody = { "content-type": "application/apply-patch+yaml" };

/** Fills an API server with 2,000 and then, if it `isLarge`, 10,000 pods, and measures what clients do on the way. */
export async function benchApi(context: BenchContext, isLarge: boolean): Promise<void> {
  const { client } = context;
  await makeNamespace(client);
  const create = (i: number) => must(client, { method: "POST", path: podsPath, headers: jsonBody, body: json(pod(i)) });
  const get = (i: number) => must(client, { method: "GET", path: podPath(i % few) });
  // Every patch changes something: one that does not is no write.
  let turn = 0;
  const patch = (i: number) =>
    must(client, {
      method: "PATCH",
      path: `${podPath(i % few)}/status`,
      headers: mergeBody,
      body: json(statusPatch(turn++)),
    });

  await repeat(context, "create pod", few, create);
  await repeat(context, "get pod, first 2,000", 2_000, get);
  await repeat(context, "get pod", 10_000, get);
  await repeat(context, "patch status", few, patch);
  await lists(context, few);
  await repeat(context, "server-side apply", 1_000, (i) => {
    const path = `${podPath(i % 500)}?fieldManager=bench`;
    return must(client, { method: "PATCH", path, headers: applyBody, body: json(applied(i % 500, i)) });
  });
  const patchCpuMs = await costOfWrite(context, patch);
  for (const [watchers, events] of [
    [50, 1_000],
    [200, 500],
    [1_000, 100],
  ] as const) {
    await watchDelivery(context, {
      watchers,
      events,
      writers: context.concurrency,
      path: `${podsPath}?watch=true&resourceVersion=${await versionNow(context)}`,
      write: patch,
      writeCpuMs: patchCpuMs,
    });
  }
  await informers(context, few);
  await repeat(context, "delete pod", few / 2, (i) => must(client, { method: "DELETE", path: podPath(i) }));
  if (!isLarge) return;
  await repeat(context, "create pod, to 10,000", few / 2, create);
  await repeat(context, "create pod, above 2,000", many - few, (i) => create(few + i));
  await lists(context, many);
}

/** What one write costs while nobody watches: many watched pods share the rest. */
async function costOfWrite(context: BenchContext, write: (i: number) => Promise<unknown>): Promise<number> {
  // The first thousand is for the compiler: a cold write costs more than those that watches will see.
  await measure(context.pid, 1_000, context.concurrency, write);
  const { cpuMs } = await measure(context.pid, 1_000, context.concurrency, write);
  return cpuMs;
}

/** Where a watch begins that is to see what comes next. */
async function versionNow({ client }: BenchContext): Promise<string> {
  const answer = await must(client, { method: "GET", path: `${podsPath}?limit=1`, keepsBody: true });
  return JSON.parse(answer.body.toString("utf8")).metadata.resourceVersion;
}
