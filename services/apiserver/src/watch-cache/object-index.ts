import type { Entry } from "./entry.ts";

/** The current objects in the order of their keys, and by the values of chosen fields. */
export class ObjectIndex {
  readonly #byKey = new Map<string, Entry>();
  readonly #sorted: string[] = [];
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
    if (!previous) this.#insertKey(entry.key);
    this.#reindex(previous, entry);
    return previous;
  }

  delete(key: string): Entry | undefined {
    const previous = this.#byKey.get(key);
    if (!previous) return undefined;
    this.#byKey.delete(key);
    this.#sorted.splice(lowerBound(this.#sorted, key), 1);
    this.#reindex(previous, undefined);
    return previous;
  }

  clear(): void {
    this.#byKey.clear();
    this.#sorted.length = 0;
    for (const values of this.#byField.values()) values.clear();
  }

  /** All objects in order, or those of one namespace. */
  list(namespace = ""): Entry[] {
    if (namespace === "") return this.#entries(0, this.#sorted.length);
    // "0" follows "/" in the order of characters, so this bounds exactly the namespace's keys.
    return this.#entries(lowerBound(this.#sorted, `${namespace}/`), lowerBound(this.#sorted, `${namespace}0`));
  }

  /** The objects whose indexed field has this value, in order; undefined when the field has no index. */
  listByField(field: string, value: string): Entry[] | undefined {
    const values = this.#byField.get(field);
    if (!values) return undefined;
    const keys = [...(values.get(value) ?? [])].sort(compareKeys);
    return keys.map((key) => this.#byKey.get(key) as Entry);
  }

  #entries(from: number, to: number): Entry[] {
    const entries = new Array<Entry>(to - from);
    for (let at = from; at < to; at++) entries[at - from] = this.#byKey.get(this.#sorted[at] as string) as Entry;
    return entries;
  }

  #insertKey(key: string): void {
    const last = this.#sorted[this.#sorted.length - 1];
    if (last === undefined || last < key) this.#sorted.push(key);
    else this.#sorted.splice(lowerBound(this.#sorted, key), 0, key);
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

/** The first place whose key is not below `key`. */
function lowerBound(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
