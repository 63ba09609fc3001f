import { isJsonObject } from "@tskube/apimachinery";
import { type Clock, errorMessage } from "@tskube/base";
import { BoundedCache } from "../bounded-cache.ts";
import { claimedIssuer } from "../tokens/verify-signature.ts";
import type { Claims } from "./claim-mapper.ts";
import type { HttpsGet } from "./https-get.ts";
import { IssuerKeys } from "./issuer-keys.ts";
import { verifyToken } from "./verify-token.ts";

export interface DistributedOptions {
  /** The one claim that may stand elsewhere. */
  readonly claim: string;
  readonly certificateAuthority: string;
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
}

export interface DistributedDeps {
  readonly get: HttpsGet;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Where a claim is to be asked for. */
interface Source {
  readonly url: string;
  readonly accessToken: string | undefined;
}

/** Few issuers keep claims for others; of more the oldest is asked for its keys anew. */
const maxIssuers = 16;

/**
 * Fetches a claim that a token does not hold but tells where to find (OpenID Connect Core 5.6.2): a user in very many groups has them there. What is found
 * is a token of its own, which must be signed by the issuer that it names and meant for the same audiences. Claims that need none are returned as they are.
 */
export function distributedClaims(
  options: DistributedOptions,
  deps: DistributedDeps,
): (claims: Claims) => Promise<Claims> {
  const issuers = new BoundedCache<IssuerKeys>(maxIssuers);
  const { claim, audiences, algorithms, certificateAuthority } = options;

  const keysOf = async (issuer: string): Promise<IssuerKeys> => {
    const known = issuers.get(issuer);
    if (known) return known;
    const keys = new IssuerKeys({ url: issuer, discoveryUrl: "", certificateAuthority }, deps);
    await keys.discover();
    return issuers.set(issuer, keys);
  };
  const verified = async (token: string, url: string): Promise<Claims> => {
    const issuer = claimedIssuer(token);
    if (!issuer)
      throw new Error(`getting untrusted issuer from endpoint ${url} failed for claim ${JSON.stringify(claim)}`);
    const verify = { issuer, audiences, algorithms, nowMs: deps.clock.now() };
    return explained("verify distributed claim token", async () => verifyToken(token, await keysOf(issuer), verify));
  };
  return async (claims) => {
    const source = Object.hasOwn(claims, claim) ? undefined : sourceOf(claims, claim);
    if (!source) return claims;
    const { url, accessToken } = source;
    const headers = accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` };
    const token = await explained(`while getting distributed claim ${JSON.stringify(claim)}`, () =>
      deps.get(url, { ca: certificateAuthority || undefined, signal: deps.signal, headers }),
    );
    const found = await verified(token.trim(), url);
    if (Object.hasOwn(found, claim)) return { ...claims, [claim]: found[claim] };
    throw new Error(
      `jwt returned by distributed claim endpoint ${JSON.stringify(url)} did not contain claim: ${claim}`,
    );
  };
}

function sourceOf(claims: Claims, claim: string): Source | undefined {
  const { _claim_names: names, _claim_sources: sources } = claims;
  if (names === undefined) return undefined;
  if (!isJsonObject(names)) throw new Error("oidc: error parsing distributed claim names: not an object");
  if (sources === undefined) throw new Error("oidc: no claim sources");
  if (!isJsonObject(sources)) throw new Error("oidc: could not parse claim sources: not an object");
  const name = Object.hasOwn(names, claim) ? names[claim] : undefined;
  if (typeof name !== "string") return undefined;
  const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
  if (!isJsonObject(source)) {
    throw new Error(`id token _claim_names contained a source ${name} missing in _claims_sources`);
  }
  const { endpoint, access_token: accessToken } = source;
  // Without an endpoint it is an aggregated claim, which upstream does not look into either.
  if (typeof endpoint !== "string" || endpoint === "") return undefined;
  return {
    url: endpoint,
    accessToken: typeof accessToken === "string" && accessToken !== "" ? accessToken : undefined,
  };
}

async function explained<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw new Error(`${what}: ${errorMessage(cause)}`, { cause });
  }
}
