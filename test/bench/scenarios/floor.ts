import { must } from "../client/index.ts";
import { type BenchContext, repeat } from "./scenario.ts";
import { watchDelivery } from "./watches.ts";

/** What the machine and Node cost with answers that are ready: what all else is to be measured by. */
export async function benchFloor(context: BenchContext): Promise<void> {
  const { client } = context;
  const get = (bytes: number) => () => must(client, { method: "GET", path: `/${bytes}` });
  await repeat(context, "warm-up", 2_000, get(3_000));
  await repeat(context, "get 3 KB", 10_000, get(3_000));
  await repeat(context, "get 6.2 MB", 60, get(6_200_000), 4);
  await repeat(context, "get 31 MB", 12, get(31_000_000), 2);
  for (const watchers of [50, 200]) {
    await watchDelivery(context, {
      watchers,
      events: 200,
      writers: 8,
      path: "/watch",
      write: () => must(client, { method: "POST", path: "/emit" }),
    });
  }
}
