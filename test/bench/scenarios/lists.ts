import { must } from "../client/index.ts";
import { json, podPath, podsPath, statusPatch } from "../objects.ts";
import { type BenchContext, repeat } from "./scenario.ts";

const table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
const protobuf = "application/vnd.kubernetes.protobuf,application/json";
const metadataOnly = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
/** Lists of megabytes under way at once: what is measured is the server, not how many answers fit into this process. */
const concurrency = 4;

/** Lists of `pods` pods in the ways that clients ask for them. */
export async function lists(context: BenchContext, pods: number): Promise<void> {
  const { client } = context;
  const title = pods.toLocaleString("en");
  const count = Math.max(12, 80_000 / pods);
  const get =
    (query: string, accept = "application/json") =>
    () =>
      must(client, { method: "GET", path: `${podsPath}${query}`, headers: { accept } });
  const list = (name: string, query: string, times: number, accept?: string) =>
    repeat(context, `list ${title}${name}`, times, get(query, accept), concurrency);

  await list("", "", count);
  await list(", rv=0", "?resourceVersion=0", count);
  await list(", label", "?labelSelector=tier%3Dchosen", count * 10);
  await list(", field nodeName", "?fieldSelector=spec.nodeName%3Dnode-7", count * 20);
  await repeat(context, `list ${title}, pages of 500`, count / 4, () => pages(context), concurrency);
  await list(", table", "", count / 4, table);
  await list(", protobuf", "", count, protobuf);
  await list(", metadata only", "", count / 4, metadataOnly);
  await repeat(context, `status patch and list ${title}`, count, (i) => patchAndList(context, i), 1);
}

/** A write, and a list that must show it: what is kept for lists can be used but for the part that changed. */
async function patchAndList({ client }: BenchContext, i: number): Promise<void> {
  const headers = { "content-type": "application/merge-patch+json" };
  // Turns of their own, so that each patch changes something.
  const body = json(statusPatch(1_000_000 + i));
  await must(client, { method: "PATCH", path: `${podPath(i)}/status`, headers, body });
  await must(client, { method: "GET", path: podsPath });
}

/** Reads a whole list page by page, as kubectl does. */
async function pages({ client }: BenchContext): Promise<void> {
  let next = "";
  do {
    const path = `${podsPath}?limit=500${next === "" ? "" : `&continue=${next}`}`;
    const { body } = await must(client, { method: "GET", path, keepsBody: true });
    // The head holds the token; parsing megabytes would slow the load down.
    next = /"continue":"([^"]*)"/.exec(body.toString("latin1", 0, 1_000))?.[1] ?? "";
  } while (next !== "");
}
