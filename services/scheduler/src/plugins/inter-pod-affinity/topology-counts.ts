import { labelsOf, type NodeInfo } from "../../framework/node-info.ts";

/** How often something was met per topology key and value; entries of zero are dropped. */
export class TopologyCounts {
  readonly #byKey = new Map<string, Map<string, number>>();

  get isEmpty(): boolean {
    return this.#byKey.size === 0;
  }

  /** Counts at the node's value of `key`; a node without the label does not count. */
  add(node: NodeInfo, key: string, by: number): void {
    const value = labelsOf(node)[key];
    if (value === undefined) return;
    const values = this.#byKey.get(key) ?? new Map<string, number>();
    const count = (values.get(value) ?? 0) + by;
    if (count === 0) values.delete(value);
    else values.set(value, count);
    if (values.size === 0) this.#byKey.delete(key);
    else this.#byKey.set(key, values);
  }

  /** The count at the node's value of `key`. */
  at(node: NodeInfo, key: string): number {
    const value = labelsOf(node)[key];
    return value === undefined ? 0 : (this.#byKey.get(key)?.get(value) ?? 0);
  }

  /** Whether anything was met at any of the node's values. */
  touches(node: NodeInfo): boolean {
    for (const key of this.#byKey.keys()) if (this.at(node, key) > 0) return true;
    return false;
  }

  /** The sum over all keys at the node's values. */
  sumAt(node: NodeInfo): number {
    let sum = 0;
    for (const key of this.#byKey.keys()) sum += this.at(node, key);
    return sum;
  }

  clone(): TopologyCounts {
    const copy = new TopologyCounts();
    for (const [key, values] of this.#byKey) copy.#byKey.set(key, new Map(values));
    return copy;
  }
}
