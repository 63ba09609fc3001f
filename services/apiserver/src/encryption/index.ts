import type { Encryption, EncryptionDeps, EncryptionOptions } from "./open-encryption.ts";

export { encryptedStore } from "./encrypted-store.ts";
export { encryptionFlags, encryptionOptions, validateEncryptionFlags } from "./encryption-flags.ts";
export type { Encryption, EncryptionDeps, EncryptionOptions } from "./open-encryption.ts";
export { type ResourceTransformers, unsealed } from "./resource-transformers.ts";

/** Loads what encrypts, gRPC for plugins among it, only where something is to be encrypted. */
export async function openEncryption(options: EncryptionOptions, deps: EncryptionDeps): Promise<Encryption> {
  const lazy = await import("./open-encryption.ts");
  return lazy.openEncryption(options, deps);
}
