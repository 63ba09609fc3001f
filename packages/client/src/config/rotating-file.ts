import { readFileSync, statSync } from "node:fs";
import { errorMessage } from "@tskube/base";

/** How long a file's content is trusted before its time stamp is looked at again. */
const checkEveryMs = 10_000;

/**
 * The content of a file that others replace while we run: certificates, keys, tokens. Read at once, so that a missing file is
 * known at start; later a read that fails (a replacement half done) leaves the old content in force.
 */
export function rotatingFile(path: string, what: string, now: () => number): () => string {
  let stamp = stampOf(path, what);
  let content = read(path, what);
  let checkedAt = now();
  return () => {
    if (now() - checkedAt < checkEveryMs) return content;
    checkedAt = now();
    try {
      const newStamp = stampOf(path, what);
      if (newStamp === stamp) return content;
      content = read(path, what);
      stamp = newStamp;
    } catch {
      // Keep what we have: the next look will find the new file.
    }
    return content;
  };
}

/** Follows symbolic links, which is how certificate directories and Secret volumes are swapped. */
function stampOf(path: string, what: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs}:${size}:${ino}`;
  } catch (error) {
    throw new Error(`cannot read ${what}`, { cause: error });
  }
}

function read(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`cannot read ${what}: ${errorMessage(error)}`, { cause: error });
  }
}
