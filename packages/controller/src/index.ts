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
export { createRunner, type Runner, type RunnerDeps } from "./runner/runner.ts";
export { startControllers } from "./start-controllers.ts";
