import type { Container, LifecycleHandler, Pod } from "@tskube/api";
import { type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import type { RuntimeService } from "@tskube/cri";
import type { RuntimePod } from "../runtime/model.ts";
import { findContainer } from "./containers.ts";
import type { PodEvents } from "./events.ts";
import type { HookRunner } from "./hooks.ts";

/** A process is never given less than this, so that a short grace period or a long preStop hook does not mean an immediate kill. */
const minGraceSeconds = 2;
const defaultGraceSeconds = 30;

export interface KillerDeps {
  readonly runtime: RuntimeService;
  readonly events: PodEvents;
  readonly hooks: HookRunner;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface KillOptions {
  /** Outranks what the pod says. */
  readonly graceSeconds?: number | undefined;
  readonly message?: string;
  readonly signal?: AbortSignal;
}

/** Stops containers and pods in the orderly way: preStop hook, stop signal, and kill when the grace period is over. */
export class Killer {
  readonly #deps: KillerDeps;

  constructor(deps: KillerDeps) {
    this.#deps = deps;
  }

  /** Stops one container. A hook that fails is told of and does not hold the stop up. */
  async killContainer(pod: Pod, container: Container, id: string, options: KillOptions = {}): Promise<void> {
    const { runtime, events, clock } = this.#deps;
    const graceSeconds = options.graceSeconds ?? podGraceSeconds(pod);
    const found = findContainer(pod, container.name);
    if (found)
      events.container(pod, found, "Normal", "Killing", options.message ?? `Stopping container ${container.name}`);
    const preStop = container.lifecycle?.preStop;
    const startedAt = clock.monotonic();
    if (preStop && graceSeconds > 0) await this.#runPreStop(pod, container, id, preStop, graceSeconds, options.signal);
    const elapsedSeconds = Math.floor((clock.monotonic() - startedAt) / 1000);
    const remaining = Math.max(minGraceSeconds, graceSeconds - elapsedSeconds);
    await runtime.stopContainer(
      id,
      options.graceSeconds ?? remaining,
      options.signal ? { signal: options.signal } : {},
    );
  }

  /** Stops all containers of a pod at once, sidecars after the others, then its sandboxes. */
  async killPod(pod: Pod, runtimePod: RuntimePod, options: KillOptions = {}): Promise<void> {
    const running = runtimePod.containers.filter(({ state }) => state === "running" || state === "unknown");
    const isSidecar = (name: string) => {
      const found = findContainer(pod, name);
      return found?.kind === "init" && found.container.restartPolicy === "Always";
    };
    const deadline = this.#deps.clock.monotonic() + (options.graceSeconds ?? podGraceSeconds(pod)) * 1000;
    await this.#stopAll(
      pod,
      running.filter(({ name }) => !isSidecar(name)),
      options,
    );
    // Sidecars serve the others to their end, so they go last, in the reverse of the order in which they started; all share one grace period.
    const order = (pod.spec.initContainers ?? []).map(({ name }) => name);
    const sidecars = running
      .filter(({ name }) => isSidecar(name))
      .sort((a, b) => order.indexOf(b.name) - order.indexOf(a.name));
    for (const sidecar of sidecars) {
      const leftSeconds = Math.ceil((deadline - this.#deps.clock.monotonic()) / 1000);
      await this.#stopAll(pod, [sidecar], { ...options, graceSeconds: Math.max(leftSeconds, minGraceSeconds) });
    }
    await Promise.all(runtimePod.sandboxes.map(({ id }) => this.#deps.runtime.stopPodSandbox(id)));
  }

  async #stopAll(
    pod: Pod,
    containers: readonly { readonly id: string; readonly name: string }[],
    options: KillOptions,
  ): Promise<void> {
    const results = await Promise.allSettled(
      containers.map(({ id, name }) =>
        this.killContainer(pod, findContainer(pod, name)?.container ?? { name }, id, options),
      ),
    );
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  }

  async #runPreStop(
    pod: Pod,
    container: Container,
    id: string,
    handler: LifecycleHandler,
    graceSeconds: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const { hooks, clock, events, logger } = this.#deps;
    const stop = new AbortController();
    const abort = () => stop.abort();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      const hook = hooks(pod, container, id, handler, stop.signal);
      hook.catch(() => {}); // when time runs out, nobody waits for it any more
      await Promise.race([hook, sleep(clock, graceSeconds * 1000, stop.signal)]);
    } catch (error) {
      logger.info(
        { pod: pod.metadata.name, container: container.name, error: errorMessage(error) },
        "preStop hook failed",
      );
      const found = findContainer(pod, container.name);
      if (found) events.container(pod, found, "Warning", "FailedPreStopHook", errorMessage(error));
    } finally {
      signal?.removeEventListener("abort", abort);
      stop.abort();
    }
  }
}

/** The grace period of a pod that is being deleted, else the one of its spec. */
export function podGraceSeconds(pod: Pod): number {
  return pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? defaultGraceSeconds;
}
