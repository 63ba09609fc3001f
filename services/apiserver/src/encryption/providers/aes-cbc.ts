import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { type Transformer, tooShort } from "../transformer.ts";

const blockSize = 16;

/** AES in CBC mode with PKCS #7 padding: `iv | ciphertext`. It keeps secret but does not notice changes; GCM and secretbox do. */
export function aesCbc(key: Buffer): Transformer {
  const algorithm = `aes-${key.length * 8}-cbc`;
  return {
    seal(value) {
      const iv = randomBytes(blockSize);
      const cipher = createCipheriv(algorithm, key, iv);
      return Buffer.concat([iv, cipher.update(value), cipher.final()]);
    },
    open(stored) {
      if (stored.length < blockSize) throw tooShort();
      if (stored.length % blockSize !== 0) throw new Error("the stored data is not a multiple of the block size");
      const decipher = createDecipheriv(algorithm, key, stored.subarray(0, blockSize));
      return { value: decrypted(decipher, stored.subarray(blockSize)), isStale: false };
    },
  };
}

function decrypted(decipher: ReturnType<typeof createDecipheriv>, sealed: Buffer): Buffer {
  try {
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  } catch (cause) {
    throw new Error("invalid padding on input", { cause });
  }
}
