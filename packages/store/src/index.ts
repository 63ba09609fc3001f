export type { EmbeddedStoreDeps, EmbeddedStoreOptions } from "./backends/embedded/store.ts";
export type { EtcdStoreDeps, EtcdStoreOptions } from "./backends/etcd/store.ts";
export { openEmbeddedStore, openEtcdStore, openStore, type StoreDeps, type StoreOptions } from "./backends/index.ts";
export { isStoreError, StoreError, type StoreErrorCode } from "./errors.ts";
export type { KeyRange } from "./keys.ts";
export { createKey, deleteKey, type PutOptions, updateKey, type WriteResult } from "./operations.ts";
export type * from "./store.ts";
