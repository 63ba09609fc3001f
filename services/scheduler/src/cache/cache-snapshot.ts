import type { NodeInfo } from "../framework/node-info.ts";
import type { Snapshot } from "../framework/snapshot.ts";
import { interleaveZones } from "./node-order.ts";

/** A snapshot that is brought up to date by copying only what changed since. */
export class CacheSnapshot implements Snapshot {
  nodes: readonly NodeInfo[] = [];
  withAffinity: readonly NodeInfo[] = [];
  withRequiredAntiAffinity: readonly NodeInfo[] = [];
  readonly #byName = new Map<string, NodeInfo>();
  readonly #claimUses = new Map<string, number>();

  get(name: string): NodeInfo | undefined {
    return this.#byName.get(name);
  }

  usesClaim(key: string): boolean {
    return this.#claimUses.has(key);
  }

  /** Takes over `changed` nodes from `source`; a node that is not there, or of which only pods are known, leaves. */
  update(source: ReadonlyMap<string, NodeInfo>, changed: ReadonlySet<string>): void {
    let hasOtherNodes = false;
    let hasOtherAffinity = false;
    const replaced = new Map<NodeInfo, NodeInfo>();
    for (const name of changed) {
      const before = this.#byName.get(name);
      const current = source.get(name);
      const after = current?.node ? current.clone() : undefined;
      this.#countClaims(before, -1);
      this.#countClaims(after, 1);
      if (after) this.#byName.set(name, after);
      else this.#byName.delete(name);
      if (before && after) replaced.set(before, after);
      // A node that changed its zone takes another place.
      hasOtherNodes ||= !before !== !after || before?.node !== after?.node;
      hasOtherAffinity ||= hasAffinity(before) || hasAffinity(after);
    }
    if (hasOtherNodes) this.nodes = interleaveZones(this.#byName.values());
    else if (replaced.size > 0) this.nodes = this.nodes.map((node) => replaced.get(node) ?? node);
    if (hasOtherAffinity) {
      this.withAffinity = this.nodes.filter(({ podsWithAffinity }) => podsWithAffinity.size > 0);
      this.withRequiredAntiAffinity = this.nodes.filter(
        ({ podsWithRequiredAntiAffinity }) => podsWithRequiredAntiAffinity.size > 0,
      );
    }
  }

  #countClaims(node: NodeInfo | undefined, sign: 1 | -1): void {
    if (!node) return;
    for (const [key, uses] of node.claimUses) {
      const total = (this.#claimUses.get(key) ?? 0) + sign * uses;
      if (total > 0) this.#claimUses.set(key, total);
      else this.#claimUses.delete(key);
    }
  }
}

function hasAffinity(node: NodeInfo | undefined): boolean {
  return node !== undefined && node.podsWithAffinity.size > 0;
}
