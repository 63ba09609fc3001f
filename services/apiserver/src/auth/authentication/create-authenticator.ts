import { isUnauthorized, StatusError, unauthorized } from "@tskube/apimachinery";
import { type Clock, Closer, type Logger, type MetricsRegistry } from "@tskube/base";
import type { LocalObjects } from "../../registry/objects.ts";
import type { Authenticator } from "../authenticator.ts";
import { httpsGet } from "../oidc/https-get.ts";
import type { TokenIssuer } from "../tokens/token-issuer.ts";
import { createReviewClient } from "../webhook/review-client.ts";
import { webhookTokenAuthenticator } from "../webhook/webhook-token.ts";
import { anonymousAuthenticator } from "./anonymous.ts";
import { bearerTokenAuthenticator, type TokenAuthenticator, unionTokenAuthenticator } from "./bearer-token.ts";
import { bootstrapTokenAuthenticator } from "./bootstrap-token.ts";
import { clientCertificateAuthenticator } from "./client-certificate.ts";
import {
  type ConfiguredAuthentication,
  type IssuerSource,
  openConfiguredAuthentication,
} from "./configured-authentication.ts";
import { withAuthenticatedGroup } from "./groups.ts";
import { type RequestHeaderOptions, requestHeaderAuthenticator } from "./request-header.ts";
import { serviceAccountTokenAuthenticator } from "./service-account-token.ts";
import { staticTokenAuthenticator } from "./static-token-file.ts";
import { cachedTokenAuthenticator } from "./token-cache.ts";
import { unionAuthenticator } from "./union-authenticator.ts";

export interface AuthenticatorOptions {
  /** Who a token must be meant for to be good for this apiserver (`--api-audiences`). */
  readonly apiAudiences: readonly string[];
  /** Whether requests without credentials are `system:anonymous` (`--anonymous-auth`); true when absent. */
  readonly allowAnonymous?: boolean;
  /** Whether tokens of bootstrap Secrets count (`--enable-bootstrap-token-auth`); true when absent. */
  readonly allowBootstrapTokens?: boolean;
  /** PEM of the authorities whose certificates name users (`--client-ca-file`). */
  readonly clientCa?: string;
  readonly requestHeader?: RequestHeaderOptions;
  /** The content of `--token-auth-file`. */
  readonly staticTokens?: string;
  /** Issuers of tokens outside of the cluster, and who may be anonymous (`--authentication-config`, `--oidc-…`). */
  readonly issuers?: IssuerSource;
  /** A server that knows more tokens (`--authentication-token-webhook-…`). */
  readonly webhook?: TokenWebhookOptions;
}

export interface TokenWebhookOptions {
  readonly kubeconfig: string;
  readonly version: "v1" | "v1beta1";
  readonly cacheTtlMs: number;
}

export interface AuthenticatorDeps {
  readonly objects: LocalObjects;
  readonly issuer: TokenIssuer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

export interface ClusterAuthenticator extends Authenticator {
  /** The same tokens that requests may bring, for TokenReviews. */
  readonly tokens: TokenAuthenticator;
  /** Stops following files and asking others. */
  close(): Promise<void>;
}

const webhookTimeoutMs = 30_000;
/** A client brings the same token with every request, and its signature costs a hundred times a look into memory. */
const briefly = { successTtlMs: 10_000, failureTtlMs: 0 };

/** Everything that can prove who a request comes from. Answers undefined only if anonymous requests are not allowed. */
export function createAuthenticator(options: AuthenticatorOptions, deps: AuthenticatorDeps): ClusterAuthenticator {
  const closer = new Closer();
  const configured = options.issuers && closer.add(openConfigured(options, options.issuers, deps));
  const tokens = createTokenAuthenticator(options, deps, configured, closer);
  const allowsAnonymous = (path: string) => configured?.allowsAnonymous(path) ?? options.allowAnonymous !== false;
  const proven = unionAuthenticator([
    ...(options.requestHeader ? [requestHeaderAuthenticator(options.requestHeader, deps.clock)] : []),
    ...(options.clientCa
      ? [clientCertificateAuthenticator(options.requestHeader && options.clientCa, deps.clock)]
      : []),
    bearerTokenAuthenticator(tokens, options.apiAudiences),
  ]);
  return {
    name: "cluster",
    tokens,
    async authenticate(credentials) {
      const user = await refusingSilently(proven.authenticate(credentials));
      if (user) return withAuthenticatedGroup(user);
      return allowsAnonymous(credentials.path) ? anonymousAuthenticator.authenticate(credentials) : undefined;
    },
    close: () => closer.close(),
  };
}

/** Why credentials are refused is for the log (the error's cause) and for TokenReviews: whoever tries some learns nothing from it. */
async function refusingSilently<T>(attempt: Promise<T>): Promise<T> {
  try {
    return await attempt;
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    throw new StatusError(unauthorized("Unauthorized").status, { cause: error });
  }
}

function openConfigured(options: AuthenticatorOptions, source: IssuerSource, deps: AuthenticatorDeps) {
  const { apiAudiences, allowAnonymous = true } = options;
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

/** The kinds of tokens in upstream's order: what needs no other server comes first. */
function createTokenAuthenticator(
  options: AuthenticatorOptions,
  deps: AuthenticatorDeps,
  configured: ConfiguredAuthentication | undefined,
  closer: Closer,
): TokenAuthenticator {
  return unionTokenAuthenticator([
    ...(options.staticTokens ? [staticTokenAuthenticator(options.staticTokens)] : []),
    serviceAccountTokenAuthenticator(deps.issuer),
    ...(options.allowBootstrapTokens === false ? [] : [bootstrapTokenAuthenticator(deps.objects, deps.clock)]),
    ...(configured ? [cachedTokenAuthenticator(configured.tokens, briefly, deps.clock)] : []),
    ...(options.webhook ? [openWebhook(options.webhook, options, deps, closer)] : []),
  ]);
}
