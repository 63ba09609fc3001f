import type { VerificationKey } from "./keys.ts";
import { publicJwk } from "./keys.ts";

export interface DiscoveryDocuments {
  /** `/.well-known/openid-configuration`, application/json. */
  readonly openidConfiguration: string;
  /** `/openid/v1/jwks`, application/jwk-set+json. */
  readonly jwks: string;
}

/** What others need to verify this cluster's service account tokens without asking it. */
export function discoveryDocuments(
  issuer: string,
  jwksUri: string,
  keys: readonly VerificationKey[],
): DiscoveryDocuments {
  return {
    openidConfiguration: JSON.stringify({
      issuer,
      jwks_uri: jwksUri,
      response_types_supported: ["id_token"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: [...new Set(keys.map((key) => key.algorithm))].sort(),
    }),
    jwks: JSON.stringify({ keys: keys.map(publicJwk) }),
  };
}
