import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedStoreDeps, openEmbeddedStore } from "../backends/embedded/store.ts";
import type { Store } from "../store.ts";

/** A store for tests that is gone when closed: the embedded one without syncing, in memory where the system allows. */
export async function openInMemoryStore(deps: EmbeddedStoreDeps = {}): Promise<Store> {
  const directory = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "tskube-store-"));
  const store = await openEmbeddedStore({ directory, isDurable: false }, deps);
  const close = store.close.bind(store);
  store.close = async () => {
    await close();
    rmSync(directory, { recursive: true, force: true });
  };
  return store;
}
