import { readFileSync, statSync } from "node:fs";

/** How long a file's content is trusted before its time stamp is looked at again. */
const checkEveryMs = 10_000;

/**
 * The content of a file that others replace while we run: certificates, keys, tokens. Read at once, so that a missing file is
 * known at start; later a read that fails (a replacement half done) leaves the old content in force.
 */
export function rotatingFile(path: string, what: string, now: () => number): () => string {
  let { stamp, content } = readFirst(path, what);
  let checkedAt = now();
  return () => {
    if (now() - checkedAt < checkEveryMs) return content;
    checkedAt = now();
    try {
      const newStamp = stampOf(path);
      if (newStamp === stamp) return content;
      content = readFileSync(path, "utf8");
      stamp = newStamp;
    } catch {
      // Keep what we have: the next look will find the new file.
    }
    return content;
  };
}

function readFirst(path: string, what: string) {
  try {
    return { stamp: stampOf(path), content: readFileSync(path, "utf8") };
  } catch (error) {
    throw new Error(`cannot read ${what}`, { cause: error });
  }
}

/** Follows symbolic links, which is how certificate directories and Secret volumes are swapped. */
function stampOf(path: string): string {
  const { mtimeMs, size, ino } = statSync(path);
  return `${mtimeMs}:${size}:${ino}`;
}
