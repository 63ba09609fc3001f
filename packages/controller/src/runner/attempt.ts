import { setMaxListeners } from "node:events";
import type { Clock } from "@tskube/base";
import { type Controller, type Result, TerminalError } from "../controller.ts";

export type Attempt =
  | { readonly kind: "ended"; readonly result: Result }
  | { readonly kind: "failed"; readonly error: unknown; readonly isTerminal: boolean; readonly isPanic: boolean };

/**
 * One call of `reconcile` and what came of it; never rejects. The signal it hands in aborts with `stop`, or when the controller's
 * time is over.
 */
export async function attempt(controller: Controller, key: string, clock: Clock, stop: AbortSignal): Promise<Attempt> {
  try {
    const { timeoutMs } = controller;
    const reconciled =
      timeoutMs === undefined
        ? controller.reconcile(key, stop) // by far the most: nothing is made that only a limit needs
        : withinLimit(timeoutMs, (limited) => controller.reconcile(key, limited), clock, stop);
    return { kind: "ended", result: await reconciled };
  } catch (error) {
    return { kind: "failed", error, isTerminal: error instanceof TerminalError, isPanic: isProgrammingError(error) };
  }
}

async function withinLimit(
  timeoutMs: number,
  reconcile: (signal: AbortSignal) => Promise<Result>,
  clock: Clock,
  stop: AbortSignal,
): Promise<Result> {
  const limit = new AbortController();
  setMaxListeners(0, limit.signal); // a batch of hundreds of requests may listen at once
  const onStop = () => limit.abort(stop.reason);
  stop.addEventListener("abort", onStop, { once: true });
  const cancelTimeout = clock.after(timeoutMs, () => limit.abort(new Error(`took longer than ${timeoutMs}ms`)));
  if (stop.aborted) onStop();
  try {
    return await Promise.race([reconcile(limit.signal), rejectedWhenAborted(limit.signal, stop)]);
  } finally {
    cancelTimeout();
    stop.removeEventListener("abort", onStop);
  }
}

/** A worker must not hang on a reconcile that ignores its signal after a timeout; at a stop it is given the time to finish. */
function rejectedWhenAborted(signal: AbortSignal, stop: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener(
      "abort",
      () => {
        if (!stop.aborted) reject(signal.reason);
      },
      { once: true },
    );
  });
}

/** What Go would call a panic: a mistake in the code and not a state of the world. */
function isProgrammingError(error: unknown): boolean {
  return error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
}
