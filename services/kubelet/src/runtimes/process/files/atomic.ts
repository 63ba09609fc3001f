import { rename, writeFile } from "node:fs/promises";

let counter = 0;

/** Replaces a file so that readers and crashes see the old content or the new, never a part. */
export async function writeAtomic(path: string, content: string | Buffer, mode = 0o600): Promise<void> {
  const scratch = `${path}.${process.pid}.${counter++}.tmp`;
  await writeFile(scratch, content, { mode });
  await rename(scratch, path);
}
