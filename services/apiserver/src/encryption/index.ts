export { encryptedStore } from "./encrypted-store.ts";
export { encryptionFlags, encryptionOptions, validateEncryptionFlags } from "./encryption-flags.ts";
export { type Encryption, type EncryptionDeps, type EncryptionOptions, openEncryption } from "./open-encryption.ts";
export { type ResourceTransformers, unsealed } from "./resource-transformers.ts";
