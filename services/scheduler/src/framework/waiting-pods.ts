import type { Clock } from "@tskube/base";
import type { PodInfo } from "./pod-info.ts";
import { byPlugin, failure, type Status, unschedulable, type Verdict } from "./status.ts";

/** A pod that permit plugins hold back. */
export interface WaitingPod {
  readonly info: PodInfo;
  readonly pendingPlugins: readonly string[];
  /** One plugin no longer holds it; the last one lets it go. */
  allow(plugin: string): void;
  /** Turns the pod down. */
  reject(plugin: string, reason: string): void;
}

/** Pods between their permit and their binding. */
export class WaitingPods {
  readonly #pods = new Map<string, WaitingPod>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(uid: string): WaitingPod | undefined {
    return this.#pods.get(uid);
  }

  values(): IterableIterator<WaitingPod> {
    return this.#pods.values();
  }

  /** Resolves when all plugins allow the pod, one rejects it, the first of their times is over, or `signal` aborts. */
  wait(info: PodInfo, timeoutsMs: ReadonlyMap<string, number>, signal: AbortSignal): Promise<Verdict> {
    return new Promise((resolve) => {
      const holding = new Map<string, () => void>();
      const end = (verdict: Status | undefined) => {
        for (const cancel of holding.values()) cancel();
        this.#pods.delete(info.uid);
        signal.removeEventListener("abort", stop);
        resolve(verdict);
      };
      const stop = () => end(failure(new Error("the scheduler stops")));
      signal.addEventListener("abort", stop, { once: true });
      for (const [plugin, ms] of timeoutsMs) {
        const message = `rejected due to timeout after waiting ${ms / 1000}s at plugin ${plugin}`;
        holding.set(
          plugin,
          this.#clock.after(ms, () => end(byPlugin(unschedulable(message), plugin))),
        );
      }
      this.#pods.set(info.uid, {
        info,
        get pendingPlugins() {
          return [...holding.keys()];
        },
        allow(plugin) {
          holding.get(plugin)?.();
          holding.delete(plugin);
          if (holding.size === 0) end(undefined);
        },
        reject: (plugin, reason) => end(byPlugin(unschedulable(reason), plugin)),
      });
    });
  }
}
