/** What flags say of service account tokens. */
export interface TokenFlags {
  readonly serviceAccountIssuer: readonly string[];
  /** Milliseconds; 0 is no limit. */
  readonly serviceAccountMaxTokenExpiration: number;
  readonly serviceAccountJwksUri: string | undefined;
}

const minMs = 3_600_000;
const maxMs = 2 ** 32 * 1000;

/** The complaint about flags that make no tokens anybody could verify. */
export function validateTokenFlags(flags: TokenFlags): string | undefined {
  return validateIssuers(flags.serviceAccountIssuer) ?? validateLife(flags) ?? validateKeysUrl(flags);
}

function validateIssuers(issuers: readonly string[]): string | undefined {
  if (issuers.length === 0) return "service-account-issuer is a required flag";
  const repeated = issuers.find((issuer, index) => issuers.indexOf(issuer) < index);
  if (repeated !== undefined) return `service-account-issuer ${JSON.stringify(repeated)} is already specified`;
  const wrong = issuers.find((issuer) => issuer.includes(":") && !isUrl(issuer));
  if (wrong === undefined) return undefined;
  return `service-account-issuer ${JSON.stringify(wrong)} contained a ':' but was not a valid URL`;
}

function validateLife({ serviceAccountMaxTokenExpiration: lifeMs }: TokenFlags): string | undefined {
  if (lifeMs === 0 || (lifeMs >= minMs && lifeMs <= maxMs)) return undefined;
  return "the service-account-max-token-expiration must be between 1 hour and 2^32 seconds";
}

function validateKeysUrl({ serviceAccountJwksUri: url }: TokenFlags): string | undefined {
  if (url === undefined || (isUrl(url) && new URL(url).protocol === "https:")) return undefined;
  return `service-account-jwks-uri requires https scheme, parsed as: ${url}`;
}

function isUrl(text: string): boolean {
  return URL.canParse(text);
}
