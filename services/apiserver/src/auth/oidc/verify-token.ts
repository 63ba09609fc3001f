import { isJsonObject } from "@tskube/apimachinery";
import { compactVerify, decodeProtectedHeader, type JWTPayload } from "jose";
import type { IssuerKey, IssuerKeys } from "./issuer-keys.ts";

export interface VerifyOptions {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  readonly nowMs: number;
}

/** How far the issuer's clock may be ahead. */
const notBeforeToleranceSeconds = 300;

/** What a token says, if its issuer signed it, for one of the audiences, and it is valid now. Throws why it is not. */
export async function verifyToken(token: string, keys: IssuerKeys, options: VerifyOptions): Promise<JWTPayload> {
  const { alg, kid } = headerOf(token);
  if (!options.algorithms.includes(alg)) {
    throw new Error(
      `oidc: id token signed with unsupported algorithm, expected [${options.algorithms.join(" ")}] got ${JSON.stringify(alg)}`,
    );
  }
  const payload =
    (await signed(token, alg, candidates(keys.known, alg, kid))) ??
    (await signed(token, alg, await refreshed(keys, alg, kid)));
  if (!payload) throw new Error("failed to verify signature: failed to verify id token signature");
  checkClaims(payload, options);
  return payload;
}

function headerOf(token: string): { readonly alg: string; readonly kid: string | undefined } {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    return { alg: alg ?? "", kid };
  } catch (cause) {
    throw new Error("oidc: malformed jwt", { cause });
  }
}

/** The issuer may have new keys. */
async function refreshed(keys: IssuerKeys, alg: string, kid: string | undefined): Promise<IssuerKey[]> {
  try {
    await keys.refresh();
  } catch (cause) {
    throw new Error("failed to verify signature: fetching keys oidc: get keys failed", { cause });
  }
  return candidates(keys.known, alg, kid);
}

function candidates(keys: readonly IssuerKey[], alg: string, kid: string | undefined): IssuerKey[] {
  const type = alg.startsWith("ES") ? "ec" : "rsa";
  return keys.filter(
    (one) =>
      (kid === undefined || one.id === kid) &&
      (one.algorithm === undefined || one.algorithm === alg) &&
      one.key.asymmetricKeyType === type,
  );
}

async function signed(token: string, alg: string, keys: readonly IssuerKey[]): Promise<JWTPayload | undefined> {
  for (const { key } of keys) {
    try {
      const { payload } = await compactVerify(token, key, { algorithms: [alg] });
      return parseClaims(payload);
    } catch (error) {
      if (error instanceof SyntaxError) throw new Error("oidc: failed to unmarshal claims", { cause: error });
      // Another key may have signed it.
    }
  }
  return undefined;
}

function parseClaims(payload: Uint8Array): JWTPayload {
  const claims: unknown = JSON.parse(Buffer.from(payload).toString("utf8"));
  if (!isJsonObject(claims)) throw new SyntaxError("claims are no object");
  return claims as JWTPayload;
}

function checkClaims({ iss, aud, exp, nbf }: JWTPayload, { issuer, audiences, nowMs }: VerifyOptions): void {
  if (iss !== issuer && !(iss === "accounts.google.com" && issuer === "https://accounts.google.com")) {
    throw new Error(
      `oidc: id token issued by a different provider, expected ${JSON.stringify(issuer)} got ${JSON.stringify(iss)}`,
    );
  }
  const meant = [aud ?? []].flat();
  if (!meant.some((one) => audiences.includes(one))) {
    const expected =
      audiences.length === 1
        ? JSON.stringify(audiences[0])
        : `in [${audiences.map((one) => JSON.stringify(one)).join(" ")}]`;
    throw new Error(`oidc: expected audience ${expected} got [${meant.map((one) => JSON.stringify(one)).join(" ")}]`);
  }
  const nowSeconds = nowMs / 1000;
  if (exp === undefined || exp < nowSeconds) {
    throw new Error(`oidc: token is expired (Token Expiry: ${new Date((exp ?? 0) * 1000).toISOString()})`);
  }
  if (nbf !== undefined && nowSeconds + notBeforeToleranceSeconds < nbf) {
    const [now, from] = [nowMs, nbf * 1000].map((ms) => new Date(ms).toISOString());
    throw new Error(`oidc: current time ${now} before the nbf (not before) time: ${from}`);
  }
}
