import type { TokenIssuer } from "../tokens/token-issuer.ts";
import type { TokenAuthenticator } from "./bearer-token.ts";

/** Tokens of service accounts, as far as this cluster's issuer signed them. */
export function serviceAccountTokenAuthenticator(issuer: TokenIssuer): TokenAuthenticator {
  return { name: "serviceaccount", authenticateToken: (token, audiences) => issuer.verify(token, audiences) };
}
