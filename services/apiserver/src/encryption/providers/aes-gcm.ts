import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { type Transformer, tooShort } from "../transformer.ts";

const nonceSize = 12;
const tagSize = 16;

/** AES in GCM mode: `nonce | ciphertext | tag`, bound to the place it stands at. */
export function aesGcm(key: Buffer): Transformer {
  return {
    seal: (value, at) => sealGcm(key, value, at),
    open: (stored, at) => ({ value: openGcm(key, stored, at), isStale: false }),
  };
}

export function sealGcm(key: Buffer, value: Buffer, at: string): Buffer {
  const nonce = randomBytes(nonceSize);
  const cipher = createCipheriv(algorithmOf(key), key, nonce);
  cipher.setAAD(Buffer.from(at));
  return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
}

export function openGcm(key: Buffer, stored: Buffer, at: string): Buffer {
  if (stored.length < nonceSize + tagSize) throw tooShort();
  const decipher = createDecipheriv(algorithmOf(key), key, stored.subarray(0, nonceSize), { authTagLength: tagSize });
  decipher.setAAD(Buffer.from(at));
  decipher.setAuthTag(stored.subarray(stored.length - tagSize));
  try {
    return Buffer.concat([decipher.update(stored.subarray(nonceSize, stored.length - tagSize)), decipher.final()]);
  } catch (cause) {
    throw new Error("cipher: message authentication failed", { cause });
  }
}

function algorithmOf(key: Buffer): "aes-128-gcm" | "aes-192-gcm" | "aes-256-gcm" {
  if (key.length === 16) return "aes-128-gcm";
  return key.length === 24 ? "aes-192-gcm" : "aes-256-gcm";
}
