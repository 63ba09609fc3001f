import { podsPath } from "../objects.ts";
import { type BenchContext, repeat } from "./scenario.ts";

const clients = 100;
const query =
  "?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=300";
const end = Buffer.from("k8s.io/initial-events-end");

/** The start of 100 informers at once: each streams all objects and ends with the bookmark that says so. */
export async function informers(context: BenchContext, pods: number): Promise<void> {
  const title = `informer start, ${pods.toLocaleString("en")} pods, ${clients} at once`;
  await repeat(context, title, clients, () => synced(context), clients);
}

async function synced({ client }: BenchContext): Promise<void> {
  let done = () => {};
  const whenSynced = new Promise<void>((resolve) => {
    done = resolve;
  });
  // The bookmark is the last thing in a chunk; a split one shows in the two chunks together.
  let tail = Buffer.alloc(0);
  const stream = await client.stream({ method: "GET", path: `${podsPath}${query}` }, (chunk) => {
    const last = Buffer.concat([tail, chunk.subarray(-400)]);
    if (last.includes(end)) done();
    tail = last.subarray(-400);
  });
  await whenSynced;
  stream.close();
}
