import { createHash } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** A short name for what is too long for a chain's name: the first `length` base-32 digits of the SHA-256. */
export function shortHash(text: string, length: number): string {
  const digest = createHash("sha256").update(text).digest();
  let bits = 0;
  let value = 0;
  let result = "";
  for (const byte of digest) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      result += alphabet[(value >> bits) & 31];
      value &= (1 << bits) - 1;
    }
    if (result.length >= length) break;
  }
  return result.slice(0, length);
}
