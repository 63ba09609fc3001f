import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import type { RuntimeService } from "@tskube/cri";
import type { RuntimeView } from "../runtime/view.ts";

export interface RotatorDeps {
  readonly runtime: Pick<RuntimeService, "reopenContainerLog">;
  readonly view: RuntimeView;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface RotatorOptions {
  readonly maxBytes: number;
  /** With the one being written. */
  readonly maxFiles: number;
  readonly periodMs: number;
}

/**
 * Keeps logs of running containers from growing without limit. `0.log` becomes `0.log.20300101-000000`, the runtime begins a new `0.log`, and
 * at the next rotation the former one is compressed: until then somebody may still be reading it.
 */
export class LogRotator {
  readonly #deps: RotatorDeps;
  readonly #options: RotatorOptions;

  constructor(deps: RotatorDeps, options: RotatorOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#deps;
    for (;;) {
      await sleep(clock, this.#options.periodMs, signal);
      if (signal.aborted) return;
      await this.rotateAll().catch((error) =>
        logger.warn({ error: errorMessage(error) }, "cannot rotate container logs"),
      );
    }
  }

  async rotateAll(): Promise<void> {
    for (const pod of this.#deps.view.pods()) {
      for (const { id, logPath, state } of pod.containers) {
        if (state !== "running" || !logPath) continue;
        const size = await stat(logPath).then(
          (stats) => stats.size,
          () => 0,
        );
        if (size >= this.#options.maxBytes) await this.#rotate(id, logPath);
      }
    }
  }

  async #rotate(containerId: string, logPath: string): Promise<void> {
    const { clock, logger, runtime } = this.#deps;
    await this.#tidy(logPath);
    const stamp = new Date(clock.now())
      .toISOString()
      .slice(0, 19)
      .replaceAll("-", "")
      .replaceAll(":", "")
      .replace("T", "-");
    const rotated = `${logPath}.${stamp}`;
    await rename(logPath, rotated);
    try {
      await runtime.reopenContainerLog(containerId);
    } catch (error) {
      // The runtime still writes to the renamed file: give it its name back, or nobody finds what is written from now on.
      logger.warn({ container: containerId, error: errorMessage(error) }, "the runtime cannot reopen a log");
      await rename(rotated, logPath);
    }
  }

  /** Removes the oldest so that one more fits, and compresses the rest. */
  async #tidy(logPath: string): Promise<void> {
    const dir = dirname(logPath);
    const prefix = `${basename(logPath)}.`;
    const old = (await readdir(dir)).filter((name) => name.startsWith(prefix)).sort();
    const complete = old.filter((name) => !name.endsWith(".tmp"));
    const surplus = complete.slice(0, Math.max(0, complete.length - (this.#options.maxFiles - 2)));
    // A name that ends in .tmp is of a compression that was interrupted.
    const removed = new Set([...surplus, ...old.filter((name) => name.endsWith(".tmp"))]);
    for (const name of removed) await rm(join(dir, name), { force: true });
    for (const name of complete) if (!removed.has(name) && !name.endsWith(".gz")) await compress(join(dir, name));
  }
}

async function compress(path: string): Promise<void> {
  const temporary = `${path}.tmp`;
  await pipeline(createReadStream(path), createGzip(), createWriteStream(temporary));
  await rename(temporary, `${path}.gz`);
  await rm(path);
}
