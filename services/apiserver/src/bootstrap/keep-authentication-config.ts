import { type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import type { LocalObjects } from "../registry/objects.ts";
import { type AuthenticationFacts, authenticationConfigMap, mergeConfigMap } from "./authentication-config-map.ts";
import { ensure } from "./ensure.ts";

export interface KeepDeps {
  readonly objects: LocalObjects;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Looking is a lookup in memory; being told would mean to hear of every config map there is. */
const everyMs = 10_000;
const configMaps = { group: "", resource: "configmaps" };

/** Makes the config map say what `facts` say; other apiservers' part of it stays. */
export function ensureAuthenticationConfig(
  facts: AuthenticationFacts,
  { objects, clock }: Pick<KeepDeps, "objects" | "clock">,
): Promise<void> {
  const wanted = authenticationConfigMap(facts);
  return ensure(objects, configMaps, wanted, (present) => mergeConfigMap(present, wanted, clock.now()));
}

/** Keeps it so until `signal` aborts: extension API servers cannot work without it. */
export async function keepAuthenticationConfig(
  facts: AuthenticationFacts,
  deps: KeepDeps,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await sleep(deps.clock, everyMs, signal);
    if (signal.aborted) return;
    try {
      await ensureAuthenticationConfig(facts, deps);
    } catch (error) {
      deps.logger.warn({ reason: errorMessage(error) }, "cannot keep what extension servers are told yet");
    }
  }
}
