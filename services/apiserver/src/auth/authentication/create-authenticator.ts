import { isUnauthorized, StatusError, unauthorized } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { LocalObjects } from "../../registry/objects.ts";
import type { Authenticator } from "../authenticator.ts";
import type { TokenIssuer } from "../tokens/token-issuer.ts";
import { anonymousAuthenticator } from "./anonymous.ts";
import { bearerTokenAuthenticator, type TokenAuthenticator, unionTokenAuthenticator } from "./bearer-token.ts";
import { bootstrapTokenAuthenticator } from "./bootstrap-token.ts";
import { clientCertificateAuthenticator } from "./client-certificate.ts";
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
}

export interface AuthenticatorDeps {
  readonly objects: LocalObjects;
  readonly issuer: TokenIssuer;
  readonly clock: Clock;
}

export interface ClusterAuthenticator extends Authenticator {
  /** The same tokens that requests may bring, for TokenReviews. */
  readonly tokens: TokenAuthenticator;
}

/** Everything that can prove who a request comes from. Answers undefined only if anonymous requests are not allowed. */
export function createAuthenticator(options: AuthenticatorOptions, deps: AuthenticatorDeps): ClusterAuthenticator {
  const tokens = createTokenAuthenticator(options, deps);
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
      return options.allowAnonymous === false ? undefined : anonymousAuthenticator.authenticate(credentials);
    },
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

function createTokenAuthenticator(options: AuthenticatorOptions, deps: AuthenticatorDeps): TokenAuthenticator {
  return unionTokenAuthenticator([
    ...(options.staticTokens ? [staticTokenAuthenticator(options.staticTokens)] : []),
    serviceAccountTokenAuthenticator(deps.issuer),
    ...(options.allowBootstrapTokens === false ? [] : [bootstrapTokenAuthenticator(deps.objects, deps.clock)]),
  ]);
}
