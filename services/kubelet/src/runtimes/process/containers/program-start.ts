import { readFile } from "node:fs/promises";
import { type Clock, sleep } from "@tskube/base";

const stepMs = 2;
const patienceMs = 500;

/**
 * Waits until a container's first process has become its program. Until then it is still one of our helpers, and a stop signal sent to it would be lost. Gives up
 * quietly: the process may have ended.
 */
export async function programStarted(pid: number, clock: Clock): Promise<void> {
  const deadline = clock.monotonic() + patienceMs;
  while (clock.monotonic() < deadline) {
    const command = await readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "");
    if (!isHelper(command)) return;
    await sleep(clock, stepMs);
  }
}

/** Helpers are init.sh, and the tools of the toolbox, which are run by relative paths. */
const isHelper = (command: string): boolean =>
  /^\/bin\/sh\0\.\/init\.sh\0|^\.\/ld[-\w.]*\0--library-path\0\.\0|^\.\/(setsid|setpriv|env|unshare)\0/.test(command);
