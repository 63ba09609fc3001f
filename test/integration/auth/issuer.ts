import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import { type HttpsServer, openHttps } from "./https-server.ts";

/** An OpenID Connect issuer: tells where its keys are, and signs tokens with the newest. */
export interface Issuer extends HttpsServer {
  /** A token with these claims besides issuer, audience and times. */
  token(claims: Readonly<Record<string, unknown>>, more?: TokenOptions): Promise<string>;
  /** Answers at `path` to who has the access token. */
  publish(path: string, accessToken: string, document: string): void;
  /** Signs with another key from now on, and publishes that alone. */
  rotate(): void;
}

export interface TokenOptions {
  readonly audience?: string | readonly string[];
  readonly issuer?: string;
  readonly expiresInSeconds?: number;
  /** A key that the issuer does not know. */
  readonly isForged?: boolean;
}

export const audience = "kubernetes";

export async function openIssuer(configurationPath = "/.well-known/openid-configuration"): Promise<Issuer> {
  let key = newKey(1);
  const documents = new Map<string, string>();
  const server = await openHttps((path, _body, headers) => {
    const document = documents.get(`${path} ${headers["authorization"] ?? ""}`);
    if (document !== undefined) return { body: document };
    if (path === configurationPath) return { body: { issuer: server.url, jwks_uri: `${server.url}/keys` } };
    if (path === "/keys")
      return { body: { keys: [{ ...key.publicKey.export({ format: "jwk" }), kid: key.id, use: "sig" }] } };
    return undefined;
  });
  let keys = 1;
  return {
    ...server,
    publish: (path, accessToken, document) => void documents.set(`${path} Bearer ${accessToken}`, document),
    rotate() {
      key = newKey(++keys);
    },
    token(claims, { audience: meant = audience, issuer = server.url, expiresInSeconds = 600, isForged = false } = {}) {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({ ...claims })
        .setProtectedHeader({ alg: "ES256", kid: key.id })
        .setIssuer(issuer)
        .setAudience(typeof meant === "string" ? meant : [...meant])
        .setIssuedAt(now)
        .setExpirationTime(now + expiresInSeconds)
        .sign(isForged ? newKey(0).privateKey : key.privateKey);
    },
  };
}

function newKey(number: number): {
  readonly id: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
} {
  return { id: `key-${number}`, ...generateKeyPairSync("ec", { namedCurve: "P-256" }) };
}
