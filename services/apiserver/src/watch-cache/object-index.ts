import type { Entry } from "./entry.ts";
import { SortedEntries } from "./sorted-entries.ts";

/** The current objects in the order of their keys, and by the values of chosen fields. */
export class ObjectIndex {
  readonly #byKey = new Map<string, Entry>();
  readonly #sorted = new SortedEntries();
  readonly #byField: ReadonlyMap<string, Map<string, Set<string>>>;

  constructor(indexedFields: readonly string[]) {
    this.#byField = new Map(indexedFields.map((field) => [field, new Map()]));
  }

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): Entry | undefined {
    return this.#byKey.get(key);
  }

  /** Puts or replaces an object and returns what stood there. */
  set(entry: Entry): Entry | undefined {
    const previous = this.#byKey.get(entry.key);
    this.#byKey.set(entry.key, entry);
    this.#sorted.set(entry);
    this.#reindex(previous, entry);
    return previous;
  }

  delete(key: string): Entry | undefined {
    const previous = this.#byKey.get(key);
    if (!previous) return undefined;
    this.#byKey.delete(key);
    this.#sorted.delete(key);
    this.#reindex(previous, undefined);
    return previous;
  }

  clear(): void {
    this.#byKey.clear();
    this.#sorted.clear();
    for (const values of this.#byField.values()) values.clear();
  }

  /** All objects in order, or those of one namespace. */
  list(namespace = ""): Entry[] {
    if (namespace === "") return this.#sorted.list();
    // "0" follows "/" in the order of characters, so this bounds exactly the namespace's keys.
    return this.#sorted.list(`${namespace}/`, `${namespace}0`);
  }

  /** The objects whose indexed field has this value, in order; undefined when the field has no index. */
  listByField(field: string, value: string): Entry[] | undefined {
    const values = this.#byField.get(field);
    if (!values) return undefined;
    const keys = [...(values.get(value) ?? [])].sort(compareKeys);
    return keys.map((key) => this.#byKey.get(key) as Entry);
  }

  #reindex(previous: Entry | undefined, next: Entry | undefined): void {
    for (const [field, values] of this.#byField) {
      const before = previous?.fields[field];
      const after = next?.fields[field];
      if (before === after) continue;
      if (previous && before !== undefined) remove(values, before, previous.key);
      if (next && after !== undefined) add(values, after, next.key);
    }
  }
}

function add(values: Map<string, Set<string>>, value: string, key: string): void {
  const keys = values.get(value);
  if (keys) keys.add(key);
  else values.set(value, new Set([key]));
}

function remove(values: Map<string, Set<string>>, value: string, key: string): void {
  const keys = values.get(value);
  keys?.delete(key);
  if (keys?.size === 0) values.delete(value);
}

function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
