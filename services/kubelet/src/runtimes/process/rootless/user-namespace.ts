import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomic } from "../files/atomic.ts";
import { isAlive, type ProcessId, parseStat } from "../process-id.ts";
import { type Authority, rootlessEnvironment, userAuthority } from "./authority.ts";

/** The user namespace of a node without root, and the network namespace that its pods meet in. */
export interface RootlessNode {
  readonly authority: Authority;
  /** Path of the network namespace that joins the pods. */
  readonly networkNamespace: string;
}

/** Says who it is, then only keeps the namespaces. */
const holderScript = `read -r stat </proc/self/stat && echo "$stat" || exit 1
exec >/dev/null 2>/dev/null </dev/null
exec sleep 2147483647`;

/** Takes up the namespaces that a former runtime on `root` has left, or makes new ones. They stay when the runtime ends, as pods do. */
export async function openRootlessNode(root: string): Promise<RootlessNode> {
  const file = join(root, "namespaces.pid");
  const known = await readFile(file, "utf8").then(
    (text) => JSON.parse(text) as ProcessId,
    () => undefined,
  );
  if (known && isAlive(known)) return nodeOf(known, false);
  const holder = await startHolder();
  await writeAtomic(file, JSON.stringify(holder));
  return nodeOf(holder, true);
}

function nodeOf({ pid }: ProcessId, isFresh: boolean): RootlessNode {
  return { authority: userAuthority(pid, isFresh), networkNamespace: `/proc/${pid}/ns/net` };
}

async function startHolder(): Promise<ProcessId> {
  const child = spawn("unshare", ["--user", "--map-root-user", "--net", "--", "/bin/sh", "-c", holderScript], {
    cwd: "/",
    detached: true,
    env: rootlessEnvironment(process.env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.unref();
  const complaints: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
  const [said] = (await Promise.race([once(child.stdout, "data"), once(child.stdout, "end")])) as [Buffer?];
  const holder = parseStat(said?.toString() ?? "");
  if (!holder) throw new Error(`cannot create a user namespace: ${Buffer.concat(complaints).toString().trim()}`);
  child.stdout.destroy();
  child.stderr.destroy();
  return holder;
}
