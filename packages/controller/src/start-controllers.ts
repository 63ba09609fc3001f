import type { ControllerFactory, Deps } from "./controller.ts";
import { createRunner } from "./runner/runner.ts";

/**
 * Builds the controllers, starts the informers they need and runs all of them until `signal` aborts; resolves when reconciles
 * under way and informers have ended. A controller that cannot be built stops the start.
 */
export async function startControllers(
  factories: readonly ControllerFactory[],
  deps: Deps,
  signal: AbortSignal,
): Promise<void> {
  const runners = factories.map((create) => createRunner(create(deps), deps));
  const informersEnded = deps.informers.start(signal);
  await Promise.all(runners.map((runner) => runner.run(signal)));
  await informersEnded;
}
