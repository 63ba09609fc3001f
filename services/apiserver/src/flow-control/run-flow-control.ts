import type { HealthChecks } from "@tskube/component";
import { type KeepDeps, keepFlowObjects } from "./bootstrap/keep-objects.ts";
import { keepDanglingConditions } from "./dangling-status.ts";

export interface RunFlowControlDeps extends KeepDeps {
  readonly health: HealthChecks;
}

/** Flow control's work on its own objects, until `signal` aborts; the server is ready when they have been written once. */
export async function runFlowControl(deps: RunFlowControlDeps, signal: AbortSignal): Promise<void> {
  let isReady = false;
  deps.health.add("poststarthook/priority-and-fairness-config-producer", () => {
    if (!isReady) throw new Error("not finished");
  });
  await Promise.all([
    keepFlowObjects(deps, signal, () => {
      isReady = true;
    }),
    keepDanglingConditions(deps, signal),
  ]);
}
