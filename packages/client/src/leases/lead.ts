import { setMaxListeners } from "node:events";
import { type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import type { Client } from "../client.ts";
import { Candidate } from "./candidate.ts";

export interface LeadOptions {
  readonly client: Client;
  readonly namespace: string;
  readonly name: string;
  /** Unique among all who may lead: the host's name and something random. */
  readonly identity: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long others wait before they take a lease that does not change; 15 s when absent. */
  readonly leaseDurationMs?: number;
  /** How long the leader tries to renew before it stops leading; 10 s when absent. */
  readonly renewDeadlineMs?: number;
  /** The wait between tries; 2 s when absent. */
  readonly retryPeriodMs?: number;
  /** Hears of every change of leader, this process included. */
  readonly onNewLeader?: (identity: string) => void;
  readonly random?: () => number;
}

/** The lease went to somebody else, or could not be renewed in time: two might work at once if this process went on. */
export class LeadershipLost extends Error {
  override readonly name = "LeadershipLost";
}

const jitterFactor = 1.2;
const releaseTimeoutMs = 5_000;

/**
 * Waits for the lease, then runs `work` while keeping it. Resolves when `signal` aborted and `work` has ended, with the lease
 * given back; rejects with `LeadershipLost` once the lease is lost (`work`'s signal has aborted by then), or with what `work` threw.
 */
export async function lead(
  options: LeadOptions,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const {
    client,
    clock,
    logger,
    identity,
    namespace,
    name,
    leaseDurationMs = 15_000,
    renewDeadlineMs = 10_000,
    retryPeriodMs = 2_000,
  } = options;
  if (leaseDurationMs <= renewDeadlineMs) throw new Error("the lease duration must be longer than the renew deadline");
  if (renewDeadlineMs <= retryPeriodMs * jitterFactor)
    throw new Error("the renew deadline must be longer than 1.2 retry periods");
  const candidate = new Candidate({
    leases: client.leases(namespace),
    namespace,
    name,
    identity,
    leaseDurationMs,
    clock,
  });
  const announce = announcer(options);

  if (!(await acquire())) return;
  logger.info({ lease: `${namespace}/${name}`, identity }, "became leader");
  const working = new AbortController();
  setMaxListeners(0, working.signal); // the whole program waits for it: many listeners are no leak
  const onStop = () => working.abort(signal.reason);
  signal.addEventListener("abort", onStop, { once: true });
  try {
    await Promise.race([work(working.signal), keepRenewing()]);
  } finally {
    signal.removeEventListener("abort", onStop);
    working.abort();
    await giveBack();
  }

  /** False when stopped before the lease was had. */
  async function acquire(): Promise<boolean> {
    const random = options.random ?? Math.random;
    while (!signal.aborted) {
      if (await tryOnce(signal)) return true;
      await sleep(clock, retryPeriodMs * (1 + random() * jitterFactor), signal);
    }
    return false;
  }

  /** Rejects when the lease is lost; never resolves, for `work` decides when it has ended. */
  async function keepRenewing(): Promise<never> {
    let renewedAt = clock.monotonic();
    for (;;) {
      await sleep(clock, retryPeriodMs, working.signal);
      if (working.signal.aborted) return new Promise<never>(() => {});
      const attempt = limited(renewedAt + renewDeadlineMs - clock.monotonic());
      const isRenewed = await tryOnce(attempt.signal);
      attempt.end();
      if (isRenewed) renewedAt = clock.monotonic();
      else if (working.signal.aborted) return new Promise<never>(() => {});
      else if (clock.monotonic() - renewedAt >= renewDeadlineMs)
        throw new LeadershipLost(`leader election lost: ${namespace}/${name}`);
    }
  }

  async function tryOnce(until: AbortSignal): Promise<boolean> {
    try {
      const isHeld = await candidate.tryClaim(until);
      announce(candidate.holder);
      return isHeld;
    } catch (error) {
      if (!signal.aborted)
        logger.warn({ lease: `${namespace}/${name}`, error: errorMessage(error) }, "cannot take or renew the lease");
      return false;
    }
  }

  /** A signal that aborts with the work's, and when the deadline for renewing is over. */
  function limited(ms: number): { readonly signal: AbortSignal; readonly end: () => void } {
    const limit = new AbortController();
    const abort = () => limit.abort(new Error("the lease was not renewed in time"));
    const cancel = clock.after(ms, abort);
    working.signal.addEventListener("abort", abort, { once: true });
    return {
      signal: limit.signal,
      end() {
        cancel();
        working.signal.removeEventListener("abort", abort);
      },
    };
  }

  async function giveBack(): Promise<void> {
    try {
      await candidate.release(AbortSignal.timeout(releaseTimeoutMs));
    } catch (error) {
      logger.warn(
        { lease: `${namespace}/${name}`, error: errorMessage(error) },
        "cannot give the lease back, it will run out",
      );
    }
  }
}

function announcer({ onNewLeader }: LeadOptions): (holder: string) => void {
  let announced = "";
  return (holder) => {
    if (holder === announced || holder === "") return;
    announced = holder;
    onNewLeader?.(holder);
  };
}
