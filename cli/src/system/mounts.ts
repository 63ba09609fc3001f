import { readFileSync } from "node:fs";
import { run } from "./run.ts";

/** Mount points at or below `folder`, the deepest first, as this process sees them. */
export function mountsBelow(folder: string, mountInfo = readFileSync("/proc/self/mountinfo", "utf8")): string[] {
  return mountInfo
    .split("\n")
    .flatMap((line) => line.split(" ")[4] ?? [])
    .map((point) => point.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))))
    .filter((point) => point === folder || point.startsWith(`${folder}/`))
    .reverse();
}

/** How many mount points one `umount` gets: a command line has an end. */
const batchSize = 200;

/** Unmounts everything at or below `folder`; a mount that is still used goes when its last user does. */
export async function unmountBelow(folder: string): Promise<void> {
  // One pass may uncover mounts that lay below others.
  for (let pass = 0; pass < 5; pass++) {
    const points = mountsBelow(folder);
    if (points.length === 0) return;
    for (let at = 0; at < points.length; at += batchSize)
      await run(["umount", "-l", ...points.slice(at, at + batchSize)]);
  }
}
