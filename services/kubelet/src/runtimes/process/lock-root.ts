import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, sleep } from "@tskube/base";
import { writeAtomic } from "./files/atomic.ts";
import { isAlive, type ProcessId, readProcessId } from "./process-id.ts";

/** A predecessor that is being stopped needs a moment to end its calls. */
const patienceMs = 5_000;
const stepMs = 50;

/** Makes this process the one that uses `root`. A second one would fight over the same containers; a dead one's claim is void. */
export async function lockRoot(root: string, clock: Clock): Promise<void> {
  const file = join(root, "runtime.pid");
  const deadline = clock.monotonic() + patienceMs;
  for (;;) {
    const holder = await readHolder(file);
    if (!holder || holder.pid === process.pid || !isAlive(holder)) break;
    if (clock.monotonic() > deadline) throw new Error(`another runtime (pid ${holder.pid}) already uses ${root}`);
    await sleep(clock, stepMs);
  }
  await writeAtomic(file, JSON.stringify(readProcessId(process.pid)));
}

function readHolder(file: string): Promise<ProcessId | undefined> {
  return readFile(file, "utf8").then(
    (text) => JSON.parse(text) as ProcessId,
    () => undefined,
  );
}
