import { statSync } from "node:fs";
import { field } from "@tskube/apimachinery";
import { errorMessage, type Logger, type MetricsRegistry } from "@tskube/base";
import {
  type AuthorizerConfiguration,
  readAuthorizationConfiguration,
} from "../../configuration/authorization-configuration.ts";
import { reloadMetrics } from "../../configuration/reload-metrics.ts";
import { validateAuthorization } from "../../configuration/validate-authorization.ts";
import { watchFile } from "../../configuration/watch-file.ts";
import { compileExpression } from "../cel/expression.ts";
import { type Chain, type ChainDeps, startChain } from "./authorizer-chain.ts";
import { authorizationModes, type FixedAuthorizers } from "./authorizer-types.ts";

export interface FollowDeps extends ChainDeps {
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** Requests under way when the configuration changed still ask those of before. */
const retireAfterMs = 60_000;

/** The authorizers that a file's text names; throws for one that is wrong. */
export function loadAuthorization(text: string, path: string): readonly AuthorizerConfiguration[] {
  let configuration: ReturnType<typeof readAuthorizationConfiguration>;
  try {
    configuration = readAuthorizationConfiguration(text);
  } catch (cause) {
    const what = `failed to load AuthorizationConfiguration from file ${JSON.stringify(path)}`;
    throw new Error(`${what}: ${errorMessage(cause)}`, { cause });
  }
  const context = { knownTypes: authorizationModes, compile: compileExpression, fileProblem };
  const errors = validateAuthorization(configuration, context);
  if (errors.length === 0) return configuration.authorizers;
  throw new Error(`invalid authorization configuration: ${field.aggregateMessage(errors)}`);
}

function fileProblem(path: string): string | undefined {
  try {
    return statSync(path).isFile() ? undefined : "must be a regular file";
  } catch (error) {
    return `error loading file: ${errorMessage(error)}`;
  }
}

interface Followed {
  readonly path: string;
  readonly text: string;
  readonly first: Chain;
  readonly fixed: FixedAuthorizers;
}

/** Takes up changes of the file until closed; what is wrong changes nothing. */
export function followAuthorization({ path, text, first, fixed }: Followed, deps: FollowDeps) {
  const metrics = reloadMetrics("authorization", deps.metrics);
  const open = new Set<Chain>([first]);
  const timers = new Set<() => void>();
  let current = first;

  const end = async (chain: Chain) => {
    if (open.delete(chain)) await chain.close();
  };
  const reload = async (changed: string) => {
    try {
      const next = await startChain(loadAuthorization(changed, path), fixed, deps);
      const before = current;
      open.add(next);
      current = next;
      timers.add(deps.clock.after(retireAfterMs, () => void end(before)));
      metrics.onReload(changed, true, deps.clock.now());
      deps.logger.info({ path }, "authorization configuration taken up");
    } catch (error) {
      metrics.onReload(changed, false, deps.clock.now());
      deps.logger.error({ path, error: errorMessage(error) }, "authorization configuration is not taken up");
    }
  };
  metrics.onLoaded(text);
  const watch = watchFile({ path, current: text }, reload, deps.clock);
  return {
    get current() {
      return current;
    },
    async close() {
      watch.close();
      for (const cancel of timers) cancel();
      await Promise.all([...open].map(end));
    },
  };
}
