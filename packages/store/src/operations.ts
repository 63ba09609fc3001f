import type { Item, Store, TxnResult } from "./store.ts";

export interface PutOptions {
  readonly ttlSeconds?: number;
}

/** What came of a write of one key: the revision it took, or what stands there and so forbade it. */
export type WriteResult =
  | { readonly succeeded: true; readonly revision: number }
  | { readonly succeeded: false; readonly revision: number; readonly current: Item | undefined };

/** Puts `key` if it does not exist. */
export function createKey(
  store: Store,
  key: string,
  value: Uint8Array,
  options: PutOptions = {},
): Promise<WriteResult> {
  return updateKey(store, key, value, 0, options);
}

/** Puts `key` if its last change was at `modRevision`. */
export async function updateKey(
  store: Store,
  key: string,
  value: Uint8Array,
  modRevision: number,
  options: PutOptions = {},
): Promise<WriteResult> {
  return single(
    await store.txn({ conditions: [{ key, modRevision }], writes: [{ type: "put", key, value, ...options }] }),
  );
}

/** Deletes `key` if its last change was at `modRevision`. */
export async function deleteKey(store: Store, key: string, modRevision: number): Promise<WriteResult> {
  return single(await store.txn({ conditions: [{ key, modRevision }], writes: [{ type: "delete", key }] }));
}

function single(result: TxnResult): WriteResult {
  return result.succeeded ? result : { succeeded: false, revision: result.revision, current: result.current[0] };
}
