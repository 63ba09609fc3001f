import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { isStoreError, type StoreError, type StoreErrorCode } from "../../errors.ts";
import { createKey, deleteKey, updateKey, type WriteResult } from "../../operations.ts";
import type { Item, Store } from "../../store.ts";

export type MakeStore = () => Promise<Store>;

/** A store and a part of its keys for one test. */
export interface Fixture {
  readonly store: Store;
  readonly prefix: string;
  readonly abort: AbortController;
  key(name: string): string;
}

/** Gives `test` a fixture and lets go of it afterwards. */
export function withStore(makeStore: MakeStore, test: (fixture: Fixture) => Promise<void>): () => Promise<void> {
  return async () => {
    const store = await makeStore();
    const prefix = `/registry/test-${randomUUID()}/`;
    const abort = new AbortController();
    try {
      await test({ store, prefix, abort, key: (name) => prefix + name });
    } finally {
      abort.abort();
      await store.close();
    }
  };
}

export const bytes = (text: string): Buffer => Buffer.from(text);

export const texts = (items: readonly (Item | undefined)[]): string[] => items.map((item) => `${item?.value}`);

export async function mustCreate(store: Store, key: string, value: string): Promise<number> {
  return revisionOf(await createKey(store, key, bytes(value)));
}

export async function mustUpdate(store: Store, key: string, value: string, modRevision: number): Promise<number> {
  return revisionOf(await updateKey(store, key, bytes(value), modRevision));
}

export async function mustDelete(store: Store, key: string, modRevision: number): Promise<number> {
  return revisionOf(await deleteKey(store, key, modRevision));
}

function revisionOf(result: WriteResult): number {
  expect(result.succeeded).to.equal(true);
  return result.revision;
}

/** Resolves with the store's error; fails the test when there is none. */
export async function expectFailure(code: StoreErrorCode, act: () => Promise<unknown>): Promise<StoreError> {
  try {
    await act();
  } catch (error) {
    if (isStoreError(error, code)) return error;
    throw error;
  }
  throw new Error(`expected the store to fail with ${code}`);
}
