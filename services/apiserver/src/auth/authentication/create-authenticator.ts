import { isUnauthorized, StatusError, unauthorized } from "@tskube/apimachinery";
import type { Clock, Logger, MetricsRegistry } from "@tskube/base";
import type { LocalObjects } from "../../registry/objects.ts";
import type { Authenticator } from "../authenticator.ts";
import type { TokenIssuer } from "../tokens/token-issuer.ts";
import { anonymousAuthenticator } from "./anonymous.ts";
import { bearerTokenAuthenticator, type TokenAuthenticator, unionTokenAuthenticator } from "./bearer-token.ts";
import { bootstrapTokenAuthenticator } from "./bootstrap-token.ts";
import { clientCertificateAuthenticator } from "./client-certificate.ts";
import type { IssuerSource } from "./configured-authentication.ts";
import { withAuthenticatedGroup } from "./groups.ts";
import { type RequestHeaderOptions, requestHeaderAuthenticator } from "./request-header.ts";
import { serviceAccountTokenAuthenticator } from "./service-account-token.ts";
import { staticTokenAuthenticator } from "./static-token-file.ts";
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

/** Everything that can prove who a request comes from. Answers undefined only if anonymous requests are not allowed. */
export async function createAuthenticator(
  options: AuthenticatorOptions,
  deps: AuthenticatorDeps,
): Promise<ClusterAuthenticator> {
  const outside = await openOutside(options, deps);
  const tokens = createTokenAuthenticator(options, deps, outside?.tokens ?? []);
  const allowsAnonymous = (path: string) => outside?.allowsAnonymous(path) ?? options.allowAnonymous !== false;
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
    close: async () => outside?.close(),
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

/** Loads what speaks to others only where others are named. */
async function openOutside(options: AuthenticatorOptions, deps: AuthenticatorDeps) {
  if (!options.issuers && !options.webhook) return undefined;
  const { openOutsideAuthenticators } = await import("./outside-authenticators.ts");
  return openOutsideAuthenticators(options, deps);
}

/** The kinds of tokens in upstream's order: what needs no other server comes first. */
function createTokenAuthenticator(
  options: AuthenticatorOptions,
  deps: AuthenticatorDeps,
  outside: readonly TokenAuthenticator[],
): TokenAuthenticator {
  return unionTokenAuthenticator([
    ...(options.staticTokens ? [staticTokenAuthenticator(options.staticTokens)] : []),
    serviceAccountTokenAuthenticator(deps.issuer),
    ...(options.allowBootstrapTokens === false ? [] : [bootstrapTokenAuthenticator(deps.objects, deps.clock)]),
    ...outside,
  ]);
}
