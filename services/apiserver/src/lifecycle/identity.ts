import { createHash } from "node:crypto";

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** What a server is called, always the same for one host and address: `apiserver-` and 128 bits of their hash in base 32. */
export function identityOf(hostname: string, address: string): string {
  const hash = createHash("sha256").update(`${hostname}\n${address}`).digest().subarray(0, 16);
  return `apiserver-${base32(hash)}`;
}

/** RFC 4648 in lower case without padding. */
function base32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let buffer = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xffff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += alphabet[(buffer >>> (bits - 5)) & 31];
  }
  return bits === 0 ? text : text + alphabet[(buffer << (5 - bits)) & 31];
}
