import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomic } from "./files/atomic.ts";
import { isAlive, type ProcessId, readProcessId } from "./process-id.ts";

/** Makes this process the one that uses `root`. A second one would fight over the same containers; a dead one's claim is void. */
export async function lockRoot(root: string): Promise<void> {
  const file = join(root, "runtime.pid");
  const holder = await readFile(file, "utf8").then(
    (text) => JSON.parse(text) as ProcessId,
    () => undefined,
  );
  if (holder && holder.pid !== process.pid && isAlive(holder)) {
    throw new Error(`another runtime (pid ${holder.pid}) already uses ${root}`);
  }
  await writeAtomic(file, JSON.stringify(readProcessId(process.pid)));
}
