import type { Secret } from "@tskube/api";
import { unauthorized } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { LocalObjects } from "../../registry/objects.ts";
import type { TokenIdentity } from "../authentication/bearer-token.ts";
import { secretEquals } from "../authentication/secret-equals.ts";
import { BoundedCache } from "../bounded-cache.ts";
import { checkReferences } from "./check-references.ts";
import { type ObjectClaim, userOfClaims } from "./claims.ts";
import type { VerificationKey } from "./keys.ts";
import { verifySignature } from "./verify-signature.ts";

/** Who tokens in Secrets of type `kubernetes.io/service-account-token` are from. */
export const legacyIssuer = "kubernetes/serviceaccount";

interface LegacyClaims {
  readonly sub: string;
  readonly namespace: string;
  readonly account: ObjectClaim;
  readonly secretName: string;
}

export interface LegacyTokenDeps {
  readonly objects: LocalObjects;
  readonly clock: Clock;
  readonly keys: readonly VerificationKey[];
  readonly apiAudiences: readonly string[];
}

/** Verifies tokens without an end, which the token controller puts into Secrets: they are good for as long as the Secret holds them. */
export function legacyTokenVerifier({ objects, clock, keys, apiAudiences }: LegacyTokenDeps) {
  const verified = new BoundedCache<LegacyClaims>(1024);
  return async (token: string, audiences: readonly string[]): Promise<TokenIdentity> => {
    const nowMs = clock.now();
    const claims = verified.get(token) ?? verified.set(token, parse(await verifySignature(token, keys, nowMs)));
    const matching = audiences.filter((audience) => apiAudiences.includes(audience));
    if (matching.length === 0) throw unauthorized("token audiences do not match the audiences asked for");
    const { namespace, account, sub } = claims;
    await checkReferences({ namespace, serviceaccount: account }, objects, nowMs);
    checkSecret(claims, token, objects);
    const user = userOfClaims({ sub, exp: Number.POSITIVE_INFINITY, private: { namespace, serviceaccount: account } });
    const auditAnnotations = { "authentication.k8s.io/legacy-token": user.name };
    return { user, audiences: matching, auditAnnotations };
  };
}

function parse(payload: Readonly<Record<string, unknown>>): LegacyClaims {
  const claim = (name: string) => {
    const value = payload[`kubernetes.io/serviceaccount/${name}`];
    if (typeof value !== "string" || value === "") throw unauthorized(`token lacks the claim ${name}`);
    return value;
  };
  return {
    sub: typeof payload.sub === "string" ? payload.sub : "",
    namespace: claim("namespace"),
    account: { name: claim("service-account.name"), uid: claim("service-account.uid") },
    secretName: claim("secret.name"),
  };
}

function checkSecret({ namespace, secretName }: LegacyClaims, token: string, objects: LocalObjects): void {
  const secret = objects.reader<Secret>({ group: "", resource: "secrets" }).get(namespace, secretName);
  const held = Buffer.from(secret?.data?.token ?? "", "base64").toString("utf8");
  if (!secret || secret.metadata.deletionTimestamp || !secretEquals(held, token)) {
    throw unauthorized("service account token has been invalidated");
  }
}
