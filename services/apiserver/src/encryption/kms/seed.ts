import { createHmac, randomBytes } from "node:crypto";
import { openGcm, sealGcm } from "../providers/aes-gcm.ts";

const infoSize = 32;

/**
 * Seals with a key of its own for each value, derived from one seed: `info | nonce | ciphertext | tag`. No key is used twice, so no nonce can repeat
 * however long the seed lives.
 */
export function sealWithSeed(seed: Buffer, value: Buffer, at: string): Buffer {
  const info = randomBytes(infoSize);
  return Buffer.concat([info, sealGcm(expand(seed, info), value, at)]);
}

export function openWithSeed(seed: Buffer, stored: Buffer, at: string): Buffer {
  if (stored.length < infoSize) throw new Error("the stored data was shorter than the required size");
  return openGcm(expand(seed, stored.subarray(0, infoSize)), stored.subarray(infoSize), at);
}

/** HKDF-Expand of RFC 5869 with SHA-256 for 32 bytes, which is one round. The seed is random already: nothing is extracted from it. */
function expand(seed: Buffer, info: Buffer): Buffer {
  return createHmac("sha256", seed).update(info).update(Buffer.of(1)).digest();
}
