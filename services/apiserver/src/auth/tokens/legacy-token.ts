import type { Secret } from "@tskube/api";
import { unauthorized } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { GroupResource, LocalObjects } from "../../registry/objects.ts";
import type { TokenIdentity } from "../authentication/bearer-token.ts";
import { secretEquals } from "../authentication/secret-equals.ts";
import { BoundedCache } from "../bounded-cache.ts";
import { readIfPresent } from "../read-if-present.ts";
import { checkReferences } from "./check-references.ts";
import { type ObjectClaim, userOfClaims } from "./claims.ts";
import type { VerificationKey } from "./keys.ts";
import type { TokenUse } from "./token-metrics.ts";
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
  readonly onUsed?: (use: TokenUse) => void;
}

/** Verifies tokens without an end, which the token controller puts into Secrets: they are good for as long as the Secret holds them. */
export function legacyTokenVerifier({ objects, clock, keys, apiAudiences, onUsed }: LegacyTokenDeps) {
  const verified = new BoundedCache<LegacyClaims>(1024);
  return async (token: string, audiences: readonly string[]): Promise<TokenIdentity> => {
    const nowMs = clock.now();
    const claims = verified.get(token) ?? verified.set(token, parse(await verifySignature(token, keys, nowMs)));
    const matching = audiences.filter((audience) => apiAudiences.includes(audience));
    if (matching.length === 0) throw unauthorized("token audiences do not match the audiences asked for");
    const { namespace, account, sub } = claims;
    await checkReferences({ namespace, serviceaccount: account }, objects, nowMs);
    const secret = await holdingSecret(claims, token, objects);
    noteUse(secret, objects, nowMs);
    onUsed?.("legacy");
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

const invalidSinceLabel = "kubernetes.io/legacy-token-invalid-since";
const lastUsedLabel = "kubernetes.io/legacy-token-last-used";
const secrets: GroupResource = { group: "", resource: "secrets" };

/** The Secret that holds the token; throws when there is none that does, or when the token was left unused for so long that it was put out of use. */
async function holdingSecret(claims: LegacyClaims, token: string, objects: LocalObjects): Promise<Secret> {
  const { namespace, secretName, account } = claims;
  const isHolding = (secret: Secret | undefined) =>
    secret !== undefined &&
    !secret.metadata.deletionTimestamp &&
    secretEquals(Buffer.from(secret.data?.token ?? "", "base64").toString("utf8"), token);
  const cached = objects.reader<Secret>(secrets).get(namespace, secretName);
  // Another apiserver may have stored it, or the one before this.
  const secret = isHolding(cached) ? cached : await readIfPresent<Secret>(objects, secrets, namespace, secretName);
  if (!secret || !isHolding(secret)) throw unauthorized("service account token has been invalidated");
  if (!secret.metadata.labels?.[invalidSinceLabel]) return secret;
  throw unauthorized(
    `the token in secret ${namespace}/${secretName} for service account ${namespace}/${account.name} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${invalidSinceLabel}' label from the secret to temporarily allow use of this token`,
  );
}

/** Notes the day on the Secret, for those who clean up; once a day, and no request waits for it or fails by it. */
function noteUse(secret: Secret, objects: LocalObjects, nowMs: number): void {
  const today = new Date(nowMs).toISOString().slice(0, 10);
  const { labels, namespace = "" } = secret.metadata;
  if (labels?.[lastUsedLabel] === today) return;
  const metadata = { ...secret.metadata, labels: { ...labels, [lastUsedLabel]: today } };
  objects.update(secrets, namespace, { ...secret, metadata }).catch(() => {});
}
