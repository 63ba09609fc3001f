export {
  after,
  type Controller,
  type ControllerFactory,
  type Deps,
  done,
  type Keys,
  type Result,
  self,
  TerminalError,
  terminal,
  type WakeRule,
} from "./controller.ts";
export { type Claim, decideClaim, selectedBy } from "./ownership/claim.ts";
export { type ClaimOptions, claimObjects } from "./ownership/controller-ref-manager.ts";
export { createRunner, type Runner, type RunnerDeps } from "./runner/runner.ts";
export { startControllers } from "./start-controllers.ts";
export { addFinalizer, hasFinalizer, removeFinalizer } from "./writes/finalizers.ts";
export { OwnWrites } from "./writes/own-writes.ts";
export { BatchFailed, slowStartBatch } from "./writes/slow-start-batch.ts";
export { updateStatusIfChanged } from "./writes/status.ts";
