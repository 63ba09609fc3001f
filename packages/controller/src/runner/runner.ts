import { setMaxListeners } from "node:events";
import { isConflict } from "@tskube/apimachinery";
import { errorMessage, type Logger } from "@tskube/base";
import { Workqueue } from "@tskube/client";
import type { Controller, Deps } from "../controller.ts";
import { type Attempt, attempt } from "./attempt.ts";
import { noReconcileMetrics, type Outcome, type ReconcileMetrics, reconcileMetrics } from "./metrics.ts";
import { connectWakeRules } from "./wake.ts";

export type RunnerDeps = Pick<Deps, "informers" | "clock" | "logger" | "metrics">;

/** A controller joined to its queue, not yet working. */
export interface Runner {
  readonly name: string;
  readonly queue: Workqueue<string>;
  /** Works until `signal` aborts and the reconciles under way have ended. Informers must have been started by then. */
  run(signal: AbortSignal): Promise<void>;
}

const defaultWorkers = 5;

/** Joins a controller to its informers and queue; call before informers start, so that each reads its resource once. */
export function createRunner(controller: Controller, deps: RunnerDeps): Runner {
  const { clock, informers, metrics } = deps;
  const workers = controller.workers ?? defaultWorkers;
  const logger = deps.logger.child({ controller: controller.name });
  const queue = new Workqueue<string>({ clock, name: controller.name, metrics });
  const report = metrics ? reconcileMetrics(metrics, controller.name, workers) : noReconcileMetrics;
  const disconnect = connectWakeRules(controller, informers, (key) => queue.add(key));

  return {
    name: controller.name,
    queue,
    async run(signal) {
      await informers.synced(signal);
      if (!signal.aborted) {
        setMaxListeners(0, signal); // every request under way listens
        signal.addEventListener("abort", () => queue.shutDown(), { once: true });
        await controller.start?.((key, delayMs = 0) => queue.addAfter(key, delayMs), signal);
        logger.debug({ workers }, "controller started");
        await Promise.all(Array.from({ length: workers }, () => work(signal)));
      }
      queue.shutDown();
      disconnect();
      logger.debug({}, "controller stopped");
    },
  };

  async function work(signal: AbortSignal): Promise<void> {
    for (let key = await queue.take(); key !== undefined && !signal.aborted; key = await queue.take()) {
      report.started();
      const startedAt = clock.monotonic();
      const came = await attempt(controller, key, clock, signal);
      report.ended(outcomeOf(came), (clock.monotonic() - startedAt) / 1000);
      settle(key, came, signal, { queue, logger, report });
      queue.done(key);
    }
  }
}

interface Settling {
  readonly queue: Workqueue<string>;
  readonly logger: Logger;
  readonly report: ReconcileMetrics;
}

/** What becomes of a key after an attempt. */
function settle(key: string, came: Attempt, signal: AbortSignal, { queue, logger, report }: Settling): void {
  if (came.kind === "ended") {
    queue.forget(key);
    if (came.result.kind === "after") queue.addAfter(key, came.result.delayMs);
    return;
  }
  if (signal.aborted) return; // stopping cuts requests: not a failure worth a word
  if (came.isPanic) report.panicked();
  if (came.isTerminal) {
    queue.forget(key);
    logger.error({ key, error: errorMessage(came.error) }, "reconcile failed for good");
    return;
  }
  const fields = {
    key,
    attempt: queue.failures(key) + 1,
    error: errorMessage(came.error),
    ...(came.isPanic && { err: came.error }),
  };
  // Another writer was faster and the object's next event is on its way: the rule between controllers, nothing to look into.
  if (isConflict(came.error)) logger.debug(fields, "object has changed meanwhile, trying again");
  else logger.warn(fields, "reconcile failed, trying again");
  queue.addRateLimited(key);
}

function outcomeOf(came: Attempt): Outcome {
  if (came.kind === "failed") return came.isTerminal ? "terminal_error" : "error";
  return came.result.kind === "after" ? "requeue_after" : "success";
}
