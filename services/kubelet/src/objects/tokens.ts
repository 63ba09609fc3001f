import type { KubeObject, Pod } from "@tskube/api";
import type { Clock } from "@tskube/base";
import type { Client } from "@tskube/client";
import { nameOf, namespaceOf, uidOf } from "../pods/identity.ts";
import type { TokenSource } from "../volumes/plugin.ts";

interface TokenRequest extends KubeObject {
  spec: {
    audiences?: string[];
    expirationSeconds: number;
    boundObjectRef: { kind: "Pod"; apiVersion: "v1"; name: string; uid: string };
  };
  status?: { token: string; expirationTimestamp: string };
}

interface Token {
  readonly token: string;
  readonly requestedAtMs: number;
  readonly expiresAtMs: number;
}

const defaultExpirationSeconds = 3600;
const maxAgeMs = 24 * 3600_000;
/** A token is renewed when this share of its life is over. */
const renewAt = 0.8;

/** Service account tokens bound to pods, asked for once and renewed in time. */
export class TokenManager implements TokenSource {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #tokens = new Map<string, Token>();

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  async token(pod: Pod, audience: string | undefined, expirationSeconds = defaultExpirationSeconds): Promise<string> {
    const key = `${uidOf(pod)}/${audience ?? ""}/${expirationSeconds}`;
    const known = this.#tokens.get(key);
    if (known && !this.#needsRenewal(known)) return known.token;
    try {
      const fresh = await this.#request(pod, audience, expirationSeconds);
      this.#tokens.set(key, fresh);
      return fresh.token;
    } catch (error) {
      // An old token that is still good serves until the server answers again.
      if (known && known.expiresAtMs > this.#clock.now()) return known.token;
      throw new Error("failed to fetch token", { cause: error });
    }
  }

  forget(uid: string): void {
    for (const key of this.#tokens.keys()) if (key.startsWith(`${uid}/`)) this.#tokens.delete(key);
  }

  #needsRenewal({ requestedAtMs, expiresAtMs }: Token): boolean {
    const ageMs = this.#clock.now() - requestedAtMs;
    return ageMs > maxAgeMs || ageMs > (expiresAtMs - requestedAtMs) * renewAt;
  }

  async #request(pod: Pod, audience: string | undefined, expirationSeconds: number): Promise<Token> {
    const requestedAtMs = this.#clock.now();
    const namespace = namespaceOf(pod);
    const account = pod.spec.serviceAccountName || "default";
    const answer = await this.#client
      .serviceaccounts(namespace)
      .sub<TokenRequest>(account, "token")
      .create({
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        metadata: { name: account, namespace },
        spec: {
          ...(audience && { audiences: [audience] }),
          expirationSeconds,
          boundObjectRef: { kind: "Pod", apiVersion: "v1", name: nameOf(pod), uid: uidOf(pod) },
        },
      });
    if (!answer.status) throw new Error("the API server answered without a token");
    return { token: answer.status.token, requestedAtMs, expiresAtMs: Date.parse(answer.status.expirationTimestamp) };
  }
}
