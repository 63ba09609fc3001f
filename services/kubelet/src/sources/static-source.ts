import { watch } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Pod } from "@tskube/api";
import { type Clock, errorMessage, type Logger, sleep, systemErrorCode } from "@tskube/base";
import { parse } from "yaml";
import { uidOf } from "../pods/identity.ts";
import { staticPod } from "./static-pod.ts";

export interface StaticSourceDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodeName: string;
  readonly put: (pod: Pod) => void;
  readonly remove: (uid: string) => void;
}

/** Follows a directory of manifests: each file is one pod of this node, with or without an API server. */
export class StaticSource {
  readonly #deps: StaticSourceDeps;
  readonly #dir: string;
  readonly #pods = new Map<string, Pod>();

  constructor(deps: StaticSourceDeps, dir: string) {
    this.#deps = deps;
    this.#dir = dir;
  }

  pods(): IterableIterator<Pod> {
    return this.#pods.values();
  }

  /** Looks at the directory when it changes and every `periodMs`. */
  async run(periodMs: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    while (!signal.aborted) {
      await this.read();
      const wake = new AbortController();
      const watcher = watchQuietly(this.#dir, () => wake.abort());
      await sleep(clock, periodMs, AbortSignal.any([signal, wake.signal]));
      watcher?.close();
    }
  }

  async read(): Promise<void> {
    const found = new Map<string, Pod>();
    for (const name of await this.#files()) {
      const pod = await this.#readPod(join(this.#dir, name));
      if (pod) found.set(uidOf(pod), pod);
    }
    for (const uid of this.#pods.keys()) {
      if (found.has(uid)) continue;
      this.#pods.delete(uid);
      this.#deps.remove(uid);
    }
    for (const [uid, pod] of found) {
      if (this.#pods.has(uid)) continue;
      this.#pods.set(uid, pod);
      this.#deps.put(pod);
    }
  }

  async #files(): Promise<string[]> {
    const entries = await readdir(this.#dir, { withFileTypes: true }).catch((error) => {
      if (systemErrorCode(error) !== "ENOENT")
        this.#deps.logger.warn({ error: errorMessage(error) }, "cannot read the static pods' directory");
      return [];
    });
    // Editors leave hidden files, which are not whole.
    return entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith(".")).map((entry) => entry.name);
  }

  async #readPod(path: string): Promise<Pod | undefined> {
    const { clock, logger, nodeName } = this.#deps;
    try {
      return staticPod(parse(await readFile(path, "utf8")), { nodeName, path, nowMs: clock.now() });
    } catch (error) {
      logger.warn({ path, error: errorMessage(error) }, "cannot read a static pod");
      return undefined;
    }
  }
}

function watchQuietly(dir: string, onChange: () => void) {
  try {
    const watcher = watch(dir, { persistent: false }, onChange);
    watcher.on("error", () => {});
    return watcher;
  } catch {
    return undefined; // the directory may come later: the period finds it
  }
}
