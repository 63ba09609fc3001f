import type { Clock, Closer } from "@tskube/base";
import { type AuthorizerConfiguration, ttlsOf } from "../../configuration/authorization-configuration.ts";
import type { Authorizer } from "../authorizer.ts";
import { createReviewClient } from "../webhook/review-client.ts";
import type { AuthorizationMetrics } from "./authorization-metrics.ts";
import { reviewConditions } from "./review-conditions.ts";
import { webhookAuthorizer } from "./webhook-authorizer.ts";

export interface StartWebhookDeps {
  readonly clock: Clock;
  readonly decisions: AuthorizationMetrics;
  /** Closes the connections. */
  readonly closer: Closer;
}

/** The server that the configuration names, as an authorizer. */
export function startWebhook(
  { name, webhook }: AuthorizerConfiguration,
  { clock, decisions, closer }: StartWebhookDeps,
): Authorizer {
  if (!webhook) throw new Error(`authorizer ${name} is no webhook`);
  const { connectionInfo, timeout: timeoutMs, matchConditions } = webhook;
  const client = closer.add(createReviewClient({ kubeconfig: connectionInfo.kubeConfigFile, timeoutMs }, clock));
  const expressions = matchConditions.map(({ expression }) => expression);
  const options = {
    name,
    version: webhook.subjectAccessReviewVersion === "v1" ? "v1" : "v1beta1",
    failurePolicy: webhook.failurePolicy === "Deny" ? "Deny" : "NoOpinion",
    ...ttlsOf(webhook),
    ...(expressions.length > 0 && { matches: reviewConditions(expressions) }),
  } as const;
  return webhookAuthorizer(options, { client, clock, onEvaluated: decisions.webhook(name) });
}
