import { copyFileSync, readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { type Clock, errorMessage, type Logger, sleep } from "@tskube/base";

/** A log that has grown past this is cut; its last content stays beside it as `NAME.log.1`. */
export const maxLogBytes = 64 * 1024 * 1024;
const checkEveryMs = 60_000;

/** Keeps the logs in `folder` from filling the disk until `signal` aborts. */
export async function rotateLogs(folder: string, clock: Clock, logger: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(clock, checkEveryMs, signal);
    try {
      cutLargeLogs(folder, maxLogBytes);
    } catch (error) {
      logger.warn({ error: errorMessage(error) }, "cannot rotate logs");
    }
  }
}

/**
 * Copies and empties each log larger than `maxBytes`. Programs write with O_APPEND and keep their descriptor, so the next line is the
 * first of the emptied file; lines written between copy and cut are lost.
 */
export function cutLargeLogs(folder: string, maxBytes: number): void {
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".log"))) {
    const path = join(folder, name);
    if (statSync(path).size <= maxBytes) continue;
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
  }
}
