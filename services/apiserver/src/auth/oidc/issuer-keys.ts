import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { isJsonObject } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { HttpsGet } from "./https-get.ts";

/** A key that an issuer signs with. */
export interface IssuerKey {
  readonly id: string | undefined;
  /** Only for signatures of this algorithm, if the issuer says so. */
  readonly algorithm: string | undefined;
  readonly key: KeyObject;
}

export interface IssuerKeysOptions {
  readonly url: string;
  /** Where the issuer's configuration is found; under its URL when empty. */
  readonly discoveryUrl: string;
  /** PEM; the system's authorities when empty. */
  readonly certificateAuthority: string;
}

export interface IssuerKeysDeps {
  readonly get: HttpsGet;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const maxKeys = 100;
/** However many tokens with unknown keys come, the issuer is asked no more often. */
const refreshEveryMs = 1_000;

/** The keys of one issuer, as it publishes them. */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  readonly #deps: IssuerKeysDeps;
  #jwksUrl: string | undefined;
  #keys: readonly IssuerKey[] = [];
  #refreshing: Promise<void> | undefined;
  #refreshedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: IssuerKeysOptions, deps: IssuerKeysDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  get known(): readonly IssuerKey[] {
    return this.#keys;
  }

  /** Whether the issuer has told where its keys are. */
  get isDiscovered(): boolean {
    return this.#jwksUrl !== undefined;
  }

  /** Asks the issuer where its keys are. */
  async discover(): Promise<void> {
    const { url, discoveryUrl } = this.#options;
    const place = discoveryUrl || `${url.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const document = parseObject(await this.#get(place), "provider configuration");
    const { issuer, jwks_uri: jwksUrl } = document;
    if (issuer !== url) {
      throw new Error(
        `oidc: issuer did not match the issuer returned by provider, expected ${JSON.stringify(url)} got ${JSON.stringify(issuer)}`,
      );
    }
    if (typeof jwksUrl !== "string") throw new Error("oidc: provider configuration has no jwks_uri");
    this.#jwksUrl = jwksUrl;
  }

  /** Reads the keys anew, unless that has been done just now. Those who ask at once share the answer. */
  async refresh(): Promise<void> {
    const { clock } = this.#deps;
    if (!this.#refreshing) {
      if (clock.monotonic() - this.#refreshedAtMs < refreshEveryMs) return;
      this.#refreshing = this.#read().finally(() => {
        this.#refreshing = undefined;
        this.#refreshedAtMs = clock.monotonic();
      });
    }
    await this.#refreshing;
  }

  async #read(): Promise<void> {
    const document = parseObject(await this.#get(this.#jwksUrl ?? ""), "keys");
    const keys: unknown[] = Array.isArray(document["keys"]) ? document["keys"] : [];
    this.#keys = keys.slice(0, maxKeys).flatMap(readKey);
  }

  #get(url: string): Promise<string> {
    const ca = this.#options.certificateAuthority || undefined;
    return this.#deps.get(url, { ca, signal: this.#deps.signal });
  }
}

function parseObject(text: string, what: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`oidc: failed to decode ${what}`, { cause });
  }
  if (!isJsonObject(value)) throw new Error(`oidc: ${what} are no object`);
  return value;
}

/** Keys of kinds that cannot sign here are left out, as are those for other uses. */
function readKey(jwk: unknown): IssuerKey[] {
  if (!isJsonObject(jwk) || (jwk["use"] !== undefined && jwk["use"] !== "sig")) return [];
  if (jwk["kty"] !== "RSA" && jwk["kty"] !== "EC") return [];
  try {
    const key = createPublicKey({ key: jwk as JsonWebKey, format: "jwk" });
    return [{ id: textOf(jwk["kid"]), algorithm: textOf(jwk["alg"]), key }];
  } catch {
    return [];
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
