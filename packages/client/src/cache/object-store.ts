import type { KubeObject } from "@tskube/api";
import { type Indexer, type Indexers, standardIndexers } from "./indexers.ts";

interface Entry<T> {
  readonly object: T;
  readonly changedAt: number;
}

/** One index: value → keys, kept in step with the objects. */
class Index<T> {
  readonly #valuesOf: Indexer<T>;
  readonly #keys = new Map<string, Set<string>>();

  constructor(valuesOf: Indexer<T>) {
    this.#valuesOf = valuesOf;
  }

  add(key: string, object: T): void {
    for (const value of this.#valuesOf(object)) {
      const keys = this.#keys.get(value);
      if (keys) keys.add(key);
      else this.#keys.set(value, new Set([key]));
    }
  }

  remove(key: string, object: T): void {
    for (const value of this.#valuesOf(object)) {
      const keys = this.#keys.get(value);
      if (keys?.delete(key) && keys.size === 0) this.#keys.delete(value);
    }
  }

  keysOf(value: string): ReadonlySet<string> | undefined {
    return this.#keys.get(value);
  }
}

/** Objects by key, with indexes that cost nothing until the first question. What it returns is shared: never write to it. */
export class ObjectStore<T extends KubeObject> {
  /** The server's version up to which the store shows everything; absent before the first state. */
  resourceVersion: string | undefined;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #indexers: Indexers<T>;
  readonly #indexes = new Map<string, Index<T>>();

  constructor(indexers: Indexers<T> = {}) {
    this.#indexers = { ...(standardIndexers as Indexers<T>), ...indexers };
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)?.object;
  }

  /** When the object was last set, by the clock of whoever set it. */
  changedAt(key: string): number | undefined {
    return this.#entries.get(key)?.changedAt;
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  list(): T[] {
    return Array.from(this.#entries.values(), (entry) => entry.object);
  }

  /** The objects that stand under `value` in the index; throws on an index nobody declared. */
  by(index: string, value: string): T[] {
    const found: T[] = [];
    for (const key of this.#index(index).keysOf(value) ?? []) {
      const object = this.get(key);
      if (object) found.push(object);
    }
    return found;
  }

  set(key: string, object: T, changedAt: number): void {
    const old = this.#entries.get(key)?.object;
    this.#entries.set(key, { object, changedAt });
    for (const index of this.#indexes.values()) {
      if (old) index.remove(key, old);
      index.add(key, object);
    }
  }

  delete(key: string): void {
    const old = this.#entries.get(key)?.object;
    if (!old) return;
    this.#entries.delete(key);
    for (const index of this.#indexes.values()) index.remove(key, old);
  }

  #index(name: string): Index<T> {
    const known = this.#indexes.get(name);
    if (known) return known;
    const indexer = this.#indexers[name];
    if (!indexer) throw new Error(`no index named ${name}`);
    const index = new Index(indexer);
    for (const [key, entry] of this.#entries) index.add(key, entry.object);
    this.#indexes.set(name, index);
    return index;
  }
}
