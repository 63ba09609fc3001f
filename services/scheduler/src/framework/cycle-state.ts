/** A value that plugins change while pods are added and removed in trials: it is copied with the state. */
export interface Cloneable<T> {
  clone(): T;
}

/** A typed name of what a plugin keeps during one scheduling cycle. */
export interface StateKey<T> {
  readonly name: string;
  /** Only in the type: what is kept under the key. */
  readonly holds?: T;
}

export function stateKey<T>(name: string): StateKey<T> {
  return { name };
}

/** What plugins tell themselves from one extension point to the next, for one pod in one cycle. */
export class CycleState {
  readonly skipFilter = new Set<string>();
  readonly skipScore = new Set<string>();
  readonly #values = new Map<StateKey<unknown>, unknown>();

  read<T>(key: StateKey<T>): T | undefined {
    return this.#values.get(key) as T | undefined;
  }

  write<T>(key: StateKey<T>, value: T): void {
    this.#values.set(key, value);
  }

  delete(key: StateKey<unknown>): void {
    this.#values.delete(key);
  }

  /** A copy for trials: values that can change are copied, the others shared. */
  clone(): CycleState {
    const copy = new CycleState();
    for (const name of this.skipFilter) copy.skipFilter.add(name);
    for (const name of this.skipScore) copy.skipScore.add(name);
    for (const [key, value] of this.#values) copy.#values.set(key, isCloneable(value) ? value.clone() : value);
    return copy;
  }
}

function isCloneable(value: unknown): value is Cloneable<unknown> {
  return typeof value === "object" && value !== null && "clone" in value && typeof value.clone === "function";
}
