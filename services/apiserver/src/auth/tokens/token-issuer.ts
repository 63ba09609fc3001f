import { randomUUID } from "node:crypto";
import { unauthorized } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import { SignJWT } from "jose";
import type { LocalObjects } from "../../registry/objects.ts";
import type { TokenIdentity } from "../authentication/bearer-token.ts";
import { BoundedCache } from "../bounded-cache.ts";
import { checkReferences } from "./check-references.ts";
import { type PrivateClaims, parseClaims, serviceAccountUserName, type TokenClaims, userOfClaims } from "./claims.ts";
import { type DiscoveryDocuments, discoveryDocuments } from "./discovery-documents.ts";
import { parseSigningKey, parseVerificationKeys, type VerificationKey } from "./keys.ts";
import { legacyIssuer, legacyTokenVerifier } from "./legacy-token.ts";
import type { TokenUse } from "./token-metrics.ts";
import { claimedIssuer, verifySignature } from "./verify-signature.ts";

export interface TokenIssuerOptions {
  /** `--service-account-issuer`: the first signs, all are accepted. */
  readonly issuers: readonly [string, ...string[]];
  /** PEM private key (`--service-account-signing-key-file`). */
  readonly signingKey: string;
  /** PEM keys whose tokens count (`--service-account-key-file`), besides the signing key. */
  readonly verificationKeys?: readonly string[];
  /** Audiences of tokens that ask for none, and those this apiserver answers to; the issuers when absent. */
  readonly apiAudiences?: readonly string[];
  /** Longest life of a token (`--service-account-max-token-expiration`); unlimited when absent. */
  readonly maxExpirationSeconds?: number;
  /** Lets pods' tokens live a year, so that clients which read them only once go on working (`--service-account-extend-token-expiration`); true when absent. */
  readonly extendExpiration?: boolean;
  /** Where verifiers find the keys (`--service-account-jwks-uri`); under the issuer when absent. */
  readonly jwksUri?: string;
}

export interface TokenIssuerDeps {
  readonly objects: LocalObjects;
  readonly clock: Clock;
  /** Told of every good token that was used. */
  readonly onUsed?: (use: TokenUse) => void;
}

/** What one token says, but for who signs it and when. */
export interface TokenGrant {
  readonly claims: Omit<PrivateClaims, "warnafter">;
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
}

export interface TokenIssuer {
  /** Who its tokens may be from. */
  readonly issuers: readonly string[];
  readonly apiAudiences: readonly string[];
  readonly maxExpirationSeconds: number | undefined;
  readonly documents: DiscoveryDocuments;
  issue(grant: TokenGrant): Promise<string>;
  /**
   * The service account that a token proves to one of `audiences`; undefined for a token of another issuer. Throws `unauthorized` for a token of this
   * issuer that is forged, expired, meant for others, or outlived by what it is bound to.
   */
  verify(token: string, audiences: readonly string[]): Promise<TokenIdentity | undefined>;
}

/** The odd life that marks the tokens which the ServiceAccount admission plugin puts into pods. */
export const podTokenSeconds = 3607;
const extendedSeconds = 365 * 24 * 3600;

interface VerifiedToken {
  readonly claims: TokenClaims;
  readonly audiences: readonly string[];
}

export function createTokenIssuer(options: TokenIssuerOptions, deps: TokenIssuerDeps): TokenIssuer {
  return new JwtIssuer(options, deps);
}

class JwtIssuer implements TokenIssuer {
  readonly issuers: readonly string[];
  readonly apiAudiences: readonly string[];
  readonly maxExpirationSeconds: number | undefined;
  readonly documents: DiscoveryDocuments;
  readonly #options: TokenIssuerOptions;
  readonly #deps: TokenIssuerDeps;
  readonly #signing: ReturnType<typeof parseSigningKey>;
  readonly #keys: readonly VerificationKey[];
  readonly #verifyLegacy: TokenIssuer["verify"];
  /** Signatures that were found good: a pod brings the same token with every request, and a signature costs a hundred times a look here. */
  readonly #verified = new BoundedCache<VerifiedToken>(8192);

  constructor(options: TokenIssuerOptions, deps: TokenIssuerDeps) {
    this.#options = options;
    this.#deps = deps;
    this.issuers = options.issuers;
    this.#signing = parseSigningKey(options.signingKey);
    const others = (options.verificationKeys ?? []).flatMap(parseVerificationKeys);
    this.#keys = [this.#signing, ...others.filter((key) => key.id !== this.#signing.id)];
    this.apiAudiences = options.apiAudiences ?? options.issuers;
    this.maxExpirationSeconds = options.maxExpirationSeconds;
    this.#verifyLegacy = legacyTokenVerifier({ ...deps, keys: this.#keys, apiAudiences: this.apiAudiences });
    const [issuer] = options.issuers;
    this.documents = discoveryDocuments(
      issuer,
      options.jwksUri ?? `${issuer.replace(/\/$/, "")}/openid/v1/jwks`,
      this.#keys,
    );
  }

  async issue(grant: TokenGrant): Promise<string> {
    const now = Math.floor(this.#deps.clock.now() / 1000);
    const isExtended = this.#isExtended(grant);
    const claims: PrivateClaims = {
      ...grant.claims,
      ...(isExtended ? { warnafter: now + grant.expirationSeconds } : {}),
    };
    const { namespace, serviceaccount } = grant.claims;
    return new SignJWT({ "kubernetes.io": claims })
      .setProtectedHeader({ alg: this.#signing.algorithm, kid: this.#signing.id })
      .setAudience([...grant.audiences])
      .setExpirationTime(now + (isExtended ? extendedSeconds : grant.expirationSeconds))
      .setIssuedAt(now)
      .setIssuer(this.#options.issuers[0])
      .setJti(randomUUID())
      .setNotBefore(now)
      .setSubject(serviceAccountUserName(namespace, serviceaccount.name))
      .sign(this.#signing.privateKey);
  }

  async verify(token: string, audiences: readonly string[]): Promise<TokenIdentity | undefined> {
    const verified = this.#verified.get(token);
    if (verified) return this.#identify(verified, audiences);
    // Looked at before the signature: tokens of other issuers are for other authenticators.
    const issuer = claimedIssuer(token);
    if (issuer === legacyIssuer) return this.#verifyLegacy(token, audiences);
    if (!issuer || !this.#options.issuers.includes(issuer)) return undefined;
    return this.#identify(this.#verified.set(token, await this.#readToken(token)), audiences);
  }

  async #identify(token: VerifiedToken, audiences: readonly string[]): Promise<TokenIdentity> {
    const nowMs = this.#deps.clock.now();
    if (token.claims.exp < nowMs / 1000) throw unauthorized("service account token has expired");
    const matching = audiences.filter((audience) => token.audiences.includes(audience));
    if (matching.length === 0) throw unauthorized("token audiences do not match the audiences asked for");
    await checkReferences(token.claims.private, this.#deps.objects, nowMs);
    const { warnafter } = token.claims.private;
    const lateSeconds = Math.floor(nowMs / 1000) - (warnafter ?? Number.POSITIVE_INFINITY);
    if (warnafter !== undefined) this.#deps.onUsed?.(lateSeconds > 0 ? "stale" : "valid");
    return {
      user: userOfClaims(token.claims),
      audiences: matching,
      ...(lateSeconds > 0 && { auditAnnotations: staleNote(token.claims.sub, lateSeconds) }),
    };
  }

  #isExtended({ claims, audiences, expirationSeconds }: TokenGrant): boolean {
    if (this.#options.extendExpiration === false || !claims.pod || expirationSeconds !== podTokenSeconds) return false;
    return audiences.every((audience) => this.apiAudiences.includes(audience));
  }

  async #readToken(token: string): Promise<VerifiedToken> {
    const payload = await verifySignature(token, this.#keys, this.#deps.clock.now());
    const claims = parseClaims(payload);
    if (!claims) throw unauthorized("invalid bearer token");
    return { claims, audiences: [payload.aud ?? []].flat() };
  }
}

/** The client goes on using a token that it should have read anew. */
function staleNote(subject: string, lateSeconds: number): Readonly<Record<string, string>> {
  const note = `subject: ${subject}, seconds after warning threshold: ${lateSeconds}`;
  return { "authentication.k8s.io/stale-token": note };
}
