import type { HealthChecks } from "@tskube/component";
import { startHook } from "../lifecycle/start-hook.ts";
import { type KeepDeps, keepFlowObjects } from "./bootstrap/keep-objects.ts";
import { keepDanglingConditions } from "./dangling-status.ts";

export interface RunFlowControlDeps extends KeepDeps {
  readonly health: HealthChecks;
}

/** Flow control's work on its own objects, until `signal` aborts; the server is ready when they have been written once. */
export async function runFlowControl(deps: RunFlowControlDeps, signal: AbortSignal): Promise<void> {
  startHook(deps.health, "priority-and-fairness-config-consumer")();
  startHook(deps.health, "priority-and-fairness-filter")();
  const isProduced = startHook(deps.health, "priority-and-fairness-config-producer");
  await Promise.all([keepFlowObjects(deps, signal, isProduced), keepDanglingConditions(deps, signal)]);
}
