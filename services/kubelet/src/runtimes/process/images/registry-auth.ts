import { type AuthConfig, CriError } from "@tskube/cri";

/** What a registry asks for when it answers 401. */
export interface Challenge {
  readonly scheme: "bearer" | "basic";
  readonly realm: string;
  readonly service: string;
  readonly scope: string;
}

/** Reads a `WWW-Authenticate` header; undefined for schemes that we do not speak. */
export function parseChallenge(header: string): Challenge | undefined {
  const scheme = /^\s*(bearer|basic)\b/i.exec(header)?.[1]?.toLowerCase();
  if (scheme !== "bearer" && scheme !== "basic") return undefined;
  const parameters = new Map([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value] as const));
  const { realm = "", service = "", scope = "" } = Object.fromEntries(parameters) as Record<string, string>;
  return { scheme, realm, service, scope };
}

/** `Basic …` for credentials that a pod's pull secrets gave; undefined when there are none. */
export function basicAuthorization(auth: AuthConfig | undefined): string | undefined {
  if (!auth) return undefined;
  if (auth.username) return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}`;
  // Docker pads the decoded value with zeros in places.
  if (auth.auth)
    return `Basic ${Buffer.from(Buffer.from(auth.auth, "base64").toString().replace(/\0+$/, "")).toString("base64")}`;
  return undefined;
}

/** Answers challenges for one pull: tokens are asked for once and then used for every request. */
export class Authorizer {
  readonly #auth: AuthConfig | undefined;
  #header: string | undefined;

  constructor(auth: AuthConfig | undefined) {
    this.#auth = auth;
    if (auth?.registryToken) this.#header = `Bearer ${auth.registryToken}`;
  }

  get header(): string | undefined {
    return this.#header;
  }

  /** Gets what a challenge asks for; false when there is nothing to answer it with. */
  async answer(challenge: Challenge, defaultScope: string, signal: AbortSignal | undefined): Promise<boolean> {
    const basic = basicAuthorization(this.#auth);
    if (challenge.scheme === "basic") {
      this.#header = basic;
      return basic !== undefined;
    }
    const token = await this.#fetchToken(challenge, challenge.scope || defaultScope, basic, signal);
    this.#header = `Bearer ${token}`;
    return true;
  }

  async #fetchToken(
    { realm, service }: Challenge,
    scope: string,
    basic: string | undefined,
    signal: AbortSignal | undefined,
  ) {
    const url = new URL(realm);
    if (service) url.searchParams.set("service", service);
    url.searchParams.set("scope", scope);
    const response = await this.#tokenRequest(url, basic, service, scope, signal);
    if (!response.ok) {
      throw new CriError(
        "UNAUTHENTICATED",
        `failed to authorize: failed to fetch ${basic ? "oauth" : "anonymous"} token: unexpected status: ${response.status} ${response.statusText}`,
      );
    }
    const { token, access_token: accessToken } = (await response.json()) as { token?: string; access_token?: string };
    const found = token ?? accessToken;
    if (!found) throw new CriError("UNAUTHENTICATED", "failed to authorize: the token server answered without a token");
    return found;
  }

  #tokenRequest(url: URL, basic: string | undefined, service: string, scope: string, signal: AbortSignal | undefined) {
    const abort = signal ? { signal } : {};
    const { identityToken } = this.#auth ?? {};
    if (!identityToken) return fetch(url, { headers: basic ? { authorization: basic } : {}, ...abort });
    const body = new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: identityToken,
      service,
      scope,
      client_id: "tskube",
    });
    return fetch(realmOnly(url), { method: "POST", body, ...abort });
  }
}

const realmOnly = (url: URL): string => url.origin + url.pathname;
