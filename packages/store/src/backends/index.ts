import { type Clock, Closer, type Logger, silentLogger, systemClock } from "@tskube/base";
import { defaultCompactionIntervalMs, runCompactor } from "../compactor.ts";
import type { Store } from "../store.ts";
import type { EmbeddedStoreDeps, EmbeddedStoreOptions } from "./embedded/store.ts";
import type { EtcdStoreDeps, EtcdStoreOptions } from "./etcd/store.ts";

export interface StoreDeps {
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Each backend's code is loaded when it is opened: a program that uses one does not pay for the other at its start. */
export async function openEtcdStore(options: EtcdStoreOptions, deps: EtcdStoreDeps = {}): Promise<Store> {
  const backend = await import("./etcd/store.ts");
  return backend.openEtcdStore(options, deps);
}

export async function openEmbeddedStore(options: EmbeddedStoreOptions, deps: EmbeddedStoreDeps = {}): Promise<Store> {
  const backend = await import("./embedded/store.ts");
  return backend.openEmbeddedStore(options, deps);
}

/** Every backend, by the name an operator chooses it with. */
const backends = { etcd: openEtcdStore, embedded: openEmbeddedStore };

export type StoreOptions = (
  | { readonly backend: "etcd"; readonly etcd: EtcdStoreOptions }
  | { readonly backend: "embedded"; readonly embedded: EmbeddedStoreOptions }
) & {
  /** How much history to keep at least; five minutes when absent, everything for ever with 0. */
  readonly compactionIntervalMs?: number;
};

/** Opens the chosen backend and compacts it as time goes by, until it is closed. */
export async function openStore(options: StoreOptions, deps: StoreDeps = {}): Promise<Store> {
  const store = await openBackend(options, deps);
  const intervalMs = options.compactionIntervalMs ?? defaultCompactionIntervalMs;
  return intervalMs > 0 ? compactedBy(store, intervalMs, deps) : store;
}

function openBackend(options: StoreOptions, deps: StoreDeps): Promise<Store> {
  return options.backend === "etcd" ? backends.etcd(options.etcd, deps) : backends.embedded(options.embedded, deps);
}

function compactedBy(
  store: Store,
  intervalMs: number,
  { clock = systemClock, logger = silentLogger }: StoreDeps,
): Store {
  const abort = new AbortController();
  const running = runCompactor({ store, clock, logger }, intervalMs, abort.signal);
  const closer = new Closer();
  closer.add(store);
  closer.add(async () => {
    abort.abort();
    await running;
  });
  return {
    currentRevision: () => store.currentRevision(),
    get: (key, readOptions) => store.get(key, readOptions),
    range: (request) => store.range(request),
    txn: (request) => store.txn(request),
    watch: (request, signal) => store.watch(request, signal),
    compact: (revision) => store.compact(revision),
    close: () => closer.close(),
  };
}
