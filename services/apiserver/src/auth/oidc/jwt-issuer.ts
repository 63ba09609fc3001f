import { StatusError, unauthorized } from "@tskube/apimachinery";
import { type Clock, errorMessage, type Logger } from "@tskube/base";
import type { JwtAuthenticator } from "../../configuration/authentication-configuration.ts";
import type { TokenAuthenticator, TokenIdentity } from "../authentication/bearer-token.ts";
import { claimedIssuer } from "../tokens/verify-signature.ts";
import { claimMapper } from "./claim-mapper.ts";
import { distributedClaims } from "./distributed-claims.ts";
import type { HttpsGet } from "./https-get.ts";
import { IssuerKeys } from "./issuer-keys.ts";
import { verifyToken } from "./verify-token.ts";

export interface JwtIssuerOptions {
  readonly configuration: JwtAuthenticator;
  readonly algorithms: readonly string[];
  /** Whom this apiserver answers as. */
  readonly apiAudiences: readonly string[];
}

export interface JwtIssuerDeps {
  readonly get: HttpsGet;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface RunningJwtIssuer extends TokenAuthenticator {
  /** Throws as long as the issuer has not told where its keys are. */
  checkHealth(): void;
  close(): void;
}

const discoverEveryMs = 10_000;

/**
 * Authenticates tokens of one issuer. The issuer is looked for from now on until it is found, for it may run in this very cluster; its tokens are
 * refused until then.
 */
export function startJwtIssuer(options: JwtIssuerOptions, deps: JwtIssuerDeps): RunningJwtIssuer {
  const { issuer } = options.configuration;
  const stop = new AbortController();
  const { url, discoveryURL: discoveryUrl, certificateAuthority } = issuer;
  const keys = new IssuerKeys({ url, discoveryUrl, certificateAuthority }, { ...deps, signal: stop.signal });
  const mapClaims = claimMapper(options.configuration);
  let cancel = () => {};
  let problem: unknown = new Error("oidc: authenticator not initialized");

  const discover = async (): Promise<void> => {
    try {
      await keys.discover();
      await keys.refresh().catch(() => {}); // the first token asks again
    } catch (error) {
      if (stop.signal.aborted) return;
      problem = error;
      deps.logger.error({ issuer: url, error: errorMessage(error) }, "cannot initialize OIDC issuer yet");
      cancel = deps.clock.after(discoverEveryMs, () => void discover());
    }
  };
  void discover();

  const groups = options.configuration.claimMappings.groups.claim;
  const { algorithms } = options;
  const { audiences } = issuer;
  const distributed = { claim: groups, certificateAuthority, audiences, algorithms };
  const expand = groups === "" ? undefined : distributedClaims(distributed, { ...deps, signal: stop.signal });

  const identify = async (token: string): Promise<TokenIdentity> => {
    if (!keys.isDiscovered) throw new Error("oidc: authenticator not initialized");
    const verify = { issuer: url, audiences, algorithms, nowMs: deps.clock.now() };
    const claims = await explained("oidc: verify token", verifyToken(token, keys, verify));
    const all = expand ? await explained("oidc: could not expand distributed claims", expand(claims)) : claims;
    return { user: mapClaims(all) };
  };

  return {
    name: `jwt ${url}`,
    async authenticateToken(token, audiences) {
      if (!hasIssuer(token, url) || !audiences.some((audience) => options.apiAudiences.includes(audience))) {
        return undefined;
      }
      try {
        return await identify(token);
      } catch (cause) {
        throw new StatusError(unauthorized(errorMessage(cause)).status, { cause });
      }
    },
    checkHealth() {
      if (!keys.isDiscovered) throw problem;
    },
    close() {
      stop.abort();
      cancel();
    },
  };
}

/** Google's tokens name it without the scheme. */
function hasIssuer(token: string, issuer: string): boolean {
  const claimed = claimedIssuer(token);
  return claimed === issuer || (claimed === "accounts.google.com" && issuer === "https://accounts.google.com");
}

async function explained<T>(what: string, attempt: Promise<T>): Promise<T> {
  try {
    return await attempt;
  } catch (cause) {
    throw new Error(`${what}: ${errorMessage(cause)}`, { cause });
  }
}
