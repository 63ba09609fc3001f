import { randomBytes } from "node:crypto";
import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { type Transformer, tooShort } from "../transformer.ts";

const nonceSize = 24;

/** NaCl's secretbox, XSalsa20 and Poly1305: `nonce | box`. */
export function secretbox(key: Buffer): Transformer {
  return {
    seal(value) {
      const nonce = randomBytes(nonceSize);
      return Buffer.concat([nonce, xsalsa20poly1305(key, nonce).encrypt(value)]);
    },
    open(stored) {
      if (stored.length < nonceSize) throw tooShort();
      return { value: unboxed(key, stored), isStale: false };
    },
  };
}

function unboxed(key: Buffer, stored: Buffer): Buffer {
  try {
    return Buffer.from(xsalsa20poly1305(key, stored.subarray(0, nonceSize)).decrypt(stored.subarray(nonceSize)));
  } catch (cause) {
    throw new Error("output array was not large enough for encryption", { cause });
  }
}
