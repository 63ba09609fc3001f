import type { HealthChecks } from "@tskube/component";

/**
 * Adds the check `poststarthook/<name>`, which fails until the returned function is called: the server is there, but something that belongs
 * to its start has still to happen.
 */
export function startHook(health: HealthChecks, name: string): () => void {
  let isDone = false;
  health.add(`poststarthook/${name}`, () => {
    if (!isDone) throw new Error("not finished");
  });
  return () => {
    isDone = true;
  };
}
