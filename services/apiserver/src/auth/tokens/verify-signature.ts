import { unauthorized } from "@tskube/apimachinery";
import { decodeJwt, decodeProtectedHeader, type JWTPayload, jwtVerify } from "jose";
import type { VerificationKey } from "./keys.ts";

/** Who a token says it is from, before anything is proven; undefined for what is no token of this form. */
export function claimedIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

/** What a token says, if one of `keys` signed it and it is valid now; throws `unauthorized` otherwise. */
export async function verifySignature(
  token: string,
  keys: readonly VerificationKey[],
  nowMs: number,
): Promise<JWTPayload> {
  for (const key of candidates(token, keys)) {
    try {
      const options = { algorithms: [key.algorithm], currentDate: new Date(nowMs) };
      return (await jwtVerify(token, key.publicKey, options)).payload;
    } catch {
      // Another key may have signed it.
    }
  }
  throw unauthorized("invalid bearer token");
}

/** The key that the token names, or all where it names none that is known. */
function candidates(token: string, keys: readonly VerificationKey[]): readonly VerificationKey[] {
  const named = keys.filter((key) => key.id === keyIdOf(token));
  return named.length > 0 ? named : keys;
}

function keyIdOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid;
  } catch {
    return undefined;
  }
}
