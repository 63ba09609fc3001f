import { type Clock, sleep } from "@tskube/base";
import type { ServerLife } from "./server-life.ts";

export interface ShutDownOptions {
  /** How long all is served after readiness has ended, so that balancers notice. */
  readonly delayMs: number;
  /** Keeps the port open while requests under way end, and tells new ones to come back elsewhere. */
  readonly sendsRetryAfter: boolean;
  /** How long requests under way may take to end. */
  readonly graceMs: number;
}

export interface ShutDownDeps {
  readonly life: ServerLife;
  /** Stops accepting connections; resolves once those that are open have ended, which `deadline` forces. */
  readonly listener: { close(deadline: AbortSignal): Promise<void> };
  readonly clock: Clock;
}

/** Ends the serving of requests so that no client is cut off in the middle, as far as the time allows. */
export async function shutDown({ life, listener, clock }: ShutDownDeps, options: ShutDownOptions): Promise<void> {
  life.leave();
  if (options.delayMs > 0) await sleep(clock, options.delayMs);
  const deadline = new AbortController();
  const cancel = clock.after(options.graceMs, () => deadline.abort());
  if (options.sendsRetryAfter) {
    life.refuse();
    await Promise.race([life.idle(), sleep(clock, options.graceMs, deadline.signal)]);
  }
  life.drain();
  await listener.close(deadline.signal);
  cancel();
}
