import { Closer } from "@tskube/base";
import { httpsGet } from "../oidc/https-get.ts";
import { createReviewClient } from "../webhook/review-client.ts";
import { webhookTokenAuthenticator } from "../webhook/webhook-token.ts";
import type { TokenAuthenticator } from "./bearer-token.ts";
import { openConfiguredAuthentication } from "./configured-authentication.ts";
import type { AuthenticatorDeps, AuthenticatorOptions, TokenWebhookOptions } from "./create-authenticator.ts";
import { cachedTokenAuthenticator } from "./token-cache.ts";

/** Those who know tokens that the cluster did not issue. */
export interface OutsideAuthenticators {
  readonly tokens: readonly TokenAuthenticator[];
  /** What a configuration file says of requests without credentials; undefined where there is none. */
  allowsAnonymous(path: string): boolean | undefined;
  close(): Promise<void>;
}

const webhookTimeoutMs = 30_000;
/** A client brings the same token with every request, and its signature costs a hundred times a look into memory. */
const briefly = { successTtlMs: 10_000, failureTtlMs: 0 };

/** Outside issuers and the server that is asked about tokens, as far as they are named. */
export function openOutsideAuthenticators(
  options: AuthenticatorOptions,
  deps: AuthenticatorDeps,
): OutsideAuthenticators {
  const closer = new Closer();
  const configured = openConfigured(options, deps);
  if (configured) closer.add(configured);
  const webhook = options.webhook && openWebhook(options.webhook, options, deps, closer);
  return {
    tokens: [
      ...(configured ? [cachedTokenAuthenticator(configured.tokens, briefly, deps.clock)] : []),
      ...(webhook ? [webhook] : []),
    ],
    allowsAnonymous: (path) => configured?.allowsAnonymous(path),
    close: () => closer.close(),
  };
}

function openConfigured(options: AuthenticatorOptions, deps: AuthenticatorDeps) {
  const { apiAudiences, allowAnonymous = true, issuers: source } = options;
  if (!source) return undefined;
  const configured = { source, apiAudiences, allowAnonymous, ownIssuers: deps.issuer.issuers };
  return openConfiguredAuthentication(configured, { ...deps, get: httpsGet });
}

function openWebhook(
  webhook: TokenWebhookOptions,
  { apiAudiences }: AuthenticatorOptions,
  { clock }: AuthenticatorDeps,
  closer: Closer,
): TokenAuthenticator {
  const client = closer.add(createReviewClient({ kubeconfig: webhook.kubeconfig, timeoutMs: webhookTimeoutMs }, clock));
  const asking = webhookTokenAuthenticator({ version: webhook.version, apiAudiences }, client);
  const { cacheTtlMs } = webhook;
  return cachedTokenAuthenticator(asking, { successTtlMs: cacheTtlMs, failureTtlMs: cacheTtlMs }, clock);
}
