import type { KubeObject } from "@tskube/api";
import { deepEqual } from "@tskube/apimachinery";
import type { Condition, Store, TxnRequest, TxnResult, WriteOperation } from "@tskube/store";
import { Entry } from "../watch-cache/entry.ts";
import { encodeStored, spliceRevision, unversioned } from "../watch-cache/json-bytes.ts";
import type { WatchCache } from "../watch-cache/watch-cache.ts";
import type { Claim, Strategy } from "./strategy.ts";

/** Why a write did not happen: the object changed meanwhile, or another object has something that this one claims. */
export interface NotStored {
  readonly isClaim: boolean;
}

/** A resource's objects in the store: what is read is an entry, what is written goes with its claims in one transaction. */
export class StoredObjects {
  readonly #store: Store;
  readonly #cache: WatchCache;
  readonly #strategy: Strategy;

  constructor(store: Store, cache: WatchCache, strategy: Strategy) {
    this.#store = store;
    this.#cache = cache;
    this.#strategy = strategy;
  }

  async read(key: string): Promise<Entry | undefined> {
    const { item } = await this.#store.get(this.#storeKey(key));
    return item && Entry.fromStored(key, item.value, item.modRevision, this.#cache.options.describe);
  }

  /**
   * The stored entry, or what stood in the way. An object equal to the current one is not written, unless it is kept in a form of old; nothing
   * is in a dry run.
   */
  async put(object: KubeObject, current: Entry | undefined, dryRun: boolean): Promise<Entry | NotStored> {
    const key = keyOf(object.metadata.namespace ?? "", object.metadata.name);
    const value = encodeStored(object);
    if (current && isUnchanged(current, object)) {
      // That nothing was to change is the answer only if the store has the same.
      const { item } = await this.#store.get(this.#storeKey(key));
      if (item?.modRevision !== current.revision) return { isClaim: false };
      if (!item.isStale) return current;
    }
    if (dryRun) {
      if (!current && (await this.read(key))) return { isClaim: false };
      return this.#entry(key, value, current?.revision ?? 0);
    }

    const ttlSeconds = this.#strategy.ttlSeconds?.(object);
    const claims = claimChanges(this.#strategy, object, current?.object);
    const condition: Condition = { key: this.#storeKey(key), modRevision: current?.revision ?? 0 };
    const result = await this.#announced(key, value, object, {
      conditions: [condition, ...claims.conditions],
      writes: [
        { type: "put", key: condition.key, value, ...(ttlSeconds !== undefined && { ttlSeconds }) },
        ...claims.operations,
      ],
    });
    if (result.succeeded) return this.#entry(key, value, result.revision);
    if ((result.current[0]?.modRevision ?? 0) !== condition.modRevision) return { isClaim: false };
    for (const [at, taken] of result.current.slice(1).entries()) {
      if (taken) this.#strategy.onClaimTaken?.(claims.conditions[at]?.key ?? "");
    }
    return { isClaim: true };
  }

  async #announced(key: string, value: Buffer, object: KubeObject, transaction: TxnRequest): Promise<TxnResult> {
    const retract = this.#cache.announce(key, value, object);
    let hasHappened = false;
    try {
      const result = await this.#store.txn(transaction);
      hasHappened = result.succeeded;
      return result;
    } finally {
      if (!hasHappened) retract();
    }
  }

  /** The object as it was last, `last` if that is said; undefined when it changed meanwhile. */
  async remove(current: Entry, last: KubeObject | undefined, dryRun: boolean): Promise<Entry | undefined> {
    if (dryRun) return current;
    const key = this.#storeKey(current.key);
    const claims = this.#strategy.claims?.(current.object) ?? [];
    const result = await this.#store.txn({
      conditions: [{ key, modRevision: current.revision }],
      writes: [{ type: "delete", key }, ...claims.map((claim): WriteOperation => ({ type: "delete", key: claim.key }))],
    });
    if (!result.succeeded) return undefined;
    return last ? this.#entry(current.key, encodeStored(last), result.revision) : current.at(result.revision);
  }

  #entry(key: string, value: Buffer, revision: number): Entry {
    const json = revision === 0 ? unversioned(value) : spliceRevision(value, revision);
    return new Entry(key, revision, json, this.#cache.options.describe);
  }

  #storeKey(key: string): string {
    return this.#cache.options.prefix + key;
  }
}

/** An object's key within its resource. */
export function keyOf(namespace: string, name: string): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}

/** What of shared pools a write takes and gives back. */
function claimChanges(strategy: Strategy, object: KubeObject, old: KubeObject | undefined) {
  const before = new Set((old && strategy.claims?.(old))?.map((claim) => claim.key));
  const after = strategy.claims?.(object) ?? [];
  const kept = new Set(after.map((claim) => claim.key));
  const added: readonly Claim[] = after.filter((claim) => !before.has(claim.key));
  const conditions: Condition[] = added.map(({ key }) => ({ key, modRevision: 0 }));
  const operations: WriteOperation[] = [
    ...added.map((claim): WriteOperation => ({ type: "put", key: claim.key, value: claim.value() })),
    ...[...before].filter((key) => !kept.has(key)).map((key): WriteOperation => ({ type: "delete", key })),
  ];
  return { conditions, operations };
}

function isUnchanged(current: Entry, object: KubeObject): boolean {
  const metadata = { ...object.metadata, resourceVersion: current.object.metadata.resourceVersion };
  return deepEqual({ ...object, metadata }, current.object);
}
