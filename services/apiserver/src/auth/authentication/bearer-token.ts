import { unauthorized } from "@tskube/apimachinery";
import type { Authenticator, Credentials } from "../authenticator.ts";
import type { User } from "../user.ts";
import { headerValue, headerValues } from "./headers.ts";

export interface TokenIdentity {
  readonly user: User;
  /** Which of the audiences asked for the token is good for; absent when the kind of token has none and serves the apiserver alone. */
  readonly audiences?: readonly string[];
  /** What the audit log is told about the use of the token. */
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** One kind of bearer token. */
export interface TokenAuthenticator {
  readonly name: string;
  /**
   * Who the token proves to at least one of `audiences`, or undefined if it is not of this kind. Throws for a token of this kind that is wrong.
   */
  authenticateToken(token: string, audiences: readonly string[]): Promise<TokenIdentity | undefined>;
}

/** The first kind that knows the token; throws the first refusal when none does. */
export function unionTokenAuthenticator(kinds: readonly TokenAuthenticator[]): TokenAuthenticator {
  return {
    name: "tokens",
    async authenticateToken(token, audiences) {
      let refusal: { readonly error: unknown } | undefined;
      for (const kind of kinds) {
        try {
          const identity = await kind.authenticateToken(token, audiences);
          if (identity) return identity;
        } catch (error) {
          refusal ??= { error };
        }
      }
      if (refusal) throw refusal.error;
      return undefined;
    },
  };
}

/** Authenticates requests by bearer tokens, in the Authorization header or, for browsers' WebSockets, in a subprotocol. */
export function bearerTokenAuthenticator(tokens: TokenAuthenticator, audiences: readonly string[]): Authenticator {
  return {
    name: "bearer",
    async authenticate(credentials) {
      const token = bearerToken(credentials.headers);
      if (!token) return undefined;
      const identity = await tokens.authenticateToken(token, audiences);
      // A token that nobody knows must not pass as an anonymous request.
      if (!identity) throw unauthorized("Unauthorized");
      const { auditAnnotations } = identity;
      if (auditAnnotations && credentials.annotate) {
        for (const [key, value] of Object.entries(auditAnnotations)) credentials.annotate(key, value);
      }
      return identity.user;
    },
  };
}

const protocolPrefix = "base64url.bearer.authorization.k8s.io.";

/** The subprotocols a WebSocket upgrade may be answered with: the offered ones without the one that carries a token. */
export function protocolsWithoutToken(headers: Credentials["headers"]): string[] {
  return offeredProtocols(headers).filter((protocol) => !protocol.startsWith(protocolPrefix));
}

function bearerToken(headers: Credentials["headers"]): string | undefined {
  const [scheme, token] = headerValue(headers, "authorization").trim().split(/ +/, 2);
  if (scheme?.toLowerCase() === "bearer" && token) return token;
  if (headerValue(headers, "upgrade").toLowerCase() !== "websocket") return undefined;
  return protocolToken(headers);
}

function protocolToken(headers: Credentials["headers"]): string | undefined {
  const offered = offeredProtocols(headers).filter((protocol) => protocol.startsWith(protocolPrefix));
  if (offered.length === 0) return undefined;
  if (offered.length > 1) throw unauthorized("multiple base64.bearer.authorization tokens specified");
  const encoded = offered[0]?.slice(protocolPrefix.length) ?? "";
  if (!/^[A-Za-z0-9_-]+$/.test(encoded)) throw unauthorized("invalid base64.bearer.authorization token encoding");
  return Buffer.from(encoded, "base64url").toString("utf8");
}

function offeredProtocols(headers: Credentials["headers"]): string[] {
  return headerValues(headers, "sec-websocket-protocol").flatMap((line) =>
    line
      .split(",")
      .map((one) => one.trim())
      .filter(Boolean),
  );
}
