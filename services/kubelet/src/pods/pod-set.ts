import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Pod } from "@tskube/api";
import { errorMessage, type Logger } from "@tskube/base";
import type { RuntimeService } from "@tskube/cri";
import type { Paths } from "../node/paths.ts";
import type { RuntimePod } from "../runtime/model.ts";
import type { RuntimeView } from "../runtime/view.ts";
import type { StatusManager } from "../status/status-manager.ts";
import type { VolumeManager } from "../volumes/volume-manager.ts";
import { isMirror, uidOf } from "./identity.ts";
import type { Killer } from "./killer.ts";
import { type PodWorker, removeFromRuntime } from "./pod-worker.ts";

export interface PodSetDeps {
  readonly runtime: RuntimeService;
  readonly view: RuntimeView;
  readonly killer: Killer;
  readonly volumes: VolumeManager;
  readonly status: StatusManager;
  readonly paths: Paths;
  readonly logger: Logger;
  readonly createWorker: (pod: Pod) => PodWorker;
}

/** Orphans have no spec that could say more. */
const orphanGraceSeconds = 1;

/** All pods of the node: those that should be here, each with its worker, and what is left of those that should not. */
export class PodSet {
  readonly #deps: PodSetDeps;
  readonly #workers = new Map<string, PodWorker>();
  readonly #orphans = new Set<string>();
  #isComplete = false;

  constructor(deps: PodSetDeps) {
    this.#deps = deps;
  }

  get(uid: string): PodWorker | undefined {
    return this.#workers.get(uid);
  }

  workers(): IterableIterator<PodWorker> {
    return this.#workers.values();
  }

  pods(): Pod[] {
    return Array.from(this.#workers.values(), (worker) => worker.pod);
  }

  /** Pods that take up the node's resources, without the one given: those that were admitted and are not over. */
  active(exceptUid: string): Pod[] {
    return [...this.#workers.values()]
      .filter((worker) => worker.isActive && worker.identity.uid !== exceptUid)
      .map((worker) => worker.pod);
  }

  find(namespace: string, name: string): Pod | undefined {
    return this.pods().find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  }

  /** A pod that belongs here, new or changed. Mirrors only show static pods and are run by nobody. */
  put(pod: Pod): void {
    if (isMirror(pod)) return;
    const uid = uidOf(pod);
    const known = this.#workers.get(uid);
    if (known) {
      known.update(pod);
      return;
    }
    const worker = this.#deps.createWorker(pod);
    this.#workers.set(uid, worker);
    worker.update(pod);
  }

  /** A pod that belongs here no longer. */
  remove(uid: string): void {
    this.#workers.get(uid)?.gone();
  }

  /** A worker has nothing left to do. */
  ended(uid: string): void {
    this.#workers.delete(uid);
    this.#deps.status.forget(uid);
  }

  wake(uid: string): void {
    const worker = this.#workers.get(uid);
    if (worker) worker.wake();
    else if (this.#isComplete) void this.#removeOrphan(uid);
  }

  /** All pods that belong here are known: what else is found is an orphan. Before that, an unknown pod may be one not heard of yet. */
  complete(): void {
    this.#isComplete = true;
    this.removeLeftovers();
  }

  /** Removes what is found of pods that do not belong here. */
  removeLeftovers(): void {
    if (!this.#isComplete) return;
    for (const { uid } of this.#deps.view.pods()) if (!this.#workers.has(uid)) void this.#removeOrphan(uid);
    void this.#removeLeftFiles();
  }

  stop(): void {
    for (const worker of this.#workers.values()) worker.stop();
  }

  async #removeOrphan(uid: string): Promise<void> {
    const { killer, logger, view, volumes } = this.#deps;
    if (this.#orphans.has(uid)) return;
    this.#orphans.add(uid);
    try {
      const found = await view.refresh(uid);
      if (found.sandboxes.length + found.containers.length === 0) return;
      logger.info(
        { pod: found.name, namespace: found.namespace, uid },
        "removing a pod that does not belong here any more",
      );
      await killer.killPod(asPod(found), found, { graceSeconds: orphanGraceSeconds });
      await removeFromRuntime(this.#deps, found, await view.refresh(uid));
      await volumes.tearDown(uid);
    } catch (error) {
      logger.warn({ uid, error: errorMessage(error) }, "cannot remove an orphaned pod");
    } finally {
      this.#orphans.delete(uid);
    }
  }

  /** Volumes and logs of pods that are gone and of which the runtime knows nothing either. */
  async #removeLeftFiles(): Promise<void> {
    const { logger, paths, view, volumes } = this.#deps;
    const isKnown = (uid: string) => this.#workers.has(uid) || view.get(uid) !== undefined;
    try {
      for (const uid of await list(paths.podsDir())) if (!isKnown(uid)) await volumes.tearDown(uid);
      for (const name of await list(paths.allPodLogs)) {
        const uid = name.split("_")[2];
        if (uid && !isKnown(uid)) await rm(join(paths.allPodLogs, name), { recursive: true, force: true });
      }
    } catch (error) {
      logger.warn({ error: errorMessage(error) }, "cannot remove what former pods left");
    }
  }
}

async function list(dir: string): Promise<string[]> {
  return readdir(dir).catch(() => []);
}

/** As much of a pod as its containers tell. */
function asPod({ uid, name, namespace, containers }: RuntimePod): Pod {
  const names = [...new Set(containers.map((container) => container.name))];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { uid, name, namespace },
    spec: { containers: names.map((each) => ({ name: each })) },
  };
}
