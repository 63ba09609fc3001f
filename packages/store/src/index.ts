export { type EmbeddedStoreDeps, type EmbeddedStoreOptions, openEmbeddedStore } from "./backends/embedded/store.ts";
export { isStoreError, StoreError, type StoreErrorCode } from "./errors.ts";
export type { KeyRange } from "./keys.ts";
export { createKey, deleteKey, type PutOptions, updateKey, type WriteResult } from "./operations.ts";
export type * from "./store.ts";
