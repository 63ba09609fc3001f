import { statSync } from "node:fs";
import { field } from "@tskube/apimachinery";
import { type Clock, Closer, errorMessage, type Logger, type MetricsRegistry } from "@tskube/base";
import {
  type AuthorizerConfiguration,
  readAuthorizationConfiguration,
  ttlsOf,
  type WebhookConfiguration,
} from "../../configuration/authorization-configuration.ts";
import { reloadMetrics } from "../../configuration/reload-metrics.ts";
import { validateAuthorization } from "../../configuration/validate-authorization.ts";
import { watchFile } from "../../configuration/watch-file.ts";
import type { Authorizer } from "../authorizer.ts";
import { compileExpression } from "../cel/expression.ts";
import { createReviewClient } from "../webhook/review-client.ts";
import type { AuthorizationMetrics } from "./authorization-metrics.ts";
import { authorizationModes, type FixedAuthorizers, type FixedType } from "./authorizer-types.ts";
import { reviewConditions } from "./review-conditions.ts";
import { privilegedGroupAuthorizer } from "./simple-authorizers.ts";
import { unionAuthorizer } from "./union-authorizer.ts";
import { webhookAuthorizer } from "./webhook-authorizer.ts";

export interface ChainDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly decisions: AuthorizationMetrics;
}

/** Those who are asked, as one configuration says. */
export interface Chain extends Authorizer {
  readonly asksOthers: boolean;
  close(): Promise<void>;
}

/** Requests under way when the configuration changed still ask those of before. */
const retireAfterMs = 60_000;

export function startChain(
  configured: readonly AuthorizerConfiguration[],
  fixed: FixedAuthorizers,
  deps: ChainDeps,
): Chain {
  const closer = new Closer();
  const authorizers = configured.map(({ type, name, webhook }) => {
    const authorizer = webhook ? startWebhook(name, webhook, closer, deps) : fixed.get(type as FixedType);
    return deps.decisions.counted(type, name, authorizer);
  });
  return {
    name: "chain",
    asksOthers: configured.some(({ webhook }) => webhook !== undefined),
    authorize: unionAuthorizer([privilegedGroupAuthorizer, ...authorizers]).authorize,
    close: () => closer.close(),
  };
}

function startWebhook(
  name: string,
  webhook: WebhookConfiguration,
  closer: Closer,
  { clock, decisions }: ChainDeps,
): Authorizer {
  const { connectionInfo, timeout: timeoutMs, matchConditions } = webhook;
  const client = closer.add(createReviewClient({ kubeconfig: connectionInfo.kubeConfigFile, timeoutMs }, clock));
  const options = {
    name,
    version: webhook.subjectAccessReviewVersion === "v1" ? "v1" : "v1beta1",
    failurePolicy: webhook.failurePolicy === "Deny" ? "Deny" : "NoOpinion",
    ...ttlsOf(webhook),
    ...(matchConditions.length > 0 && {
      matches: reviewConditions(matchConditions.map(({ expression }) => expression)),
    }),
  } as const;
  return webhookAuthorizer(options, { client, clock, onEvaluated: decisions.webhook(name) });
}

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
export function followAuthorization({ path, text, first, fixed }: Followed, deps: ChainDeps) {
  const metrics = reloadMetrics("authorization", deps.metrics);
  const open = new Set<Chain>([first]);
  const timers = new Set<() => void>();
  let current = first;

  const end = async (chain: Chain) => {
    if (open.delete(chain)) await chain.close();
  };
  const reload = async (changed: string) => {
    try {
      const next = startChain(loadAuthorization(changed, path), fixed, deps);
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
