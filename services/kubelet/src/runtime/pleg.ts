import { type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import { isUnimplemented, type RuntimeService } from "@tskube/cri";
import { podUidLabel } from "./names.ts";
import type { RuntimeView } from "./view.ts";

export interface PlegDeps {
  readonly runtime: RuntimeService;
  readonly view: RuntimeView;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with the uid of a pod whose containers or sandboxes changed. */
  readonly onChange: (uid: string) => void;
}

export interface PlegOptions {
  /** Between listings when the runtime tells nothing by itself. */
  readonly relistMs: number;
  /** Between listings while events flow: a safety net for lost ones. */
  readonly relistWithEventsMs: number;
  /** How old the last good listing may be before the node counts as unhealthy. */
  readonly unhealthyAfterMs: number;
}

const eventsRetryMs = 5000;

/** Notices what happens to containers without the kubelet's doing: by the runtime's events where it has them, by listing where not. */
export class Pleg {
  readonly #deps: PlegDeps;
  readonly #options: PlegOptions;
  #hasEvents = false;
  #listedAtMs: number;

  constructor(deps: PlegDeps, options: PlegOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#listedAtMs = deps.clock.monotonic();
  }

  /** Why the runtime's state is not known well enough to trust this node, or undefined when it is. */
  problem(): string | undefined {
    const ageMs = this.#deps.clock.monotonic() - this.#listedAtMs;
    if (ageMs <= this.#options.unhealthyAfterMs) return undefined;
    return `PLEG is not healthy: pleg was last seen active ${Math.round(ageMs / 1000)}s ago; threshold is ${Math.round(this.#options.unhealthyAfterMs / 1000)}s`;
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#followEvents(signal), this.#list(signal)]);
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { clock, logger, view, onChange } = this.#deps;
    while (!signal.aborted) {
      try {
        for (const uid of await view.relist()) onChange(uid);
        this.#listedAtMs = clock.monotonic();
      } catch (error) {
        logger.warn({ error: errorMessage(error) }, "cannot list what the runtime runs");
      }
      await sleep(clock, this.#hasEvents ? this.#options.relistWithEventsMs : this.#options.relistMs, signal);
    }
  }

  async #followEvents(signal: AbortSignal): Promise<void> {
    const { clock, logger, runtime, view, onChange } = this.#deps;
    while (!signal.aborted) {
      try {
        for await (const event of runtime.containerEvents(signal)) {
          this.#hasEvents = true;
          const uid = event.podSandboxStatus?.labels[podUidLabel] ?? event.podSandboxStatus?.metadata?.uid;
          if (!uid) continue;
          view.markStale(uid);
          onChange(uid);
        }
      } catch (error) {
        if (isUnimplemented(error)) return;
        if (!signal.aborted) logger.debug({ error: errorMessage(error) }, "the runtime's events ended");
      }
      this.#hasEvents = false;
      await sleep(clock, eventsRetryMs, signal);
    }
  }
}
