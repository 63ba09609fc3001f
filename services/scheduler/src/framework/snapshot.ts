import type { NodeInfo } from "./node-info.ts";

/** The nodes as one scheduling cycle sees them. */
export interface Snapshot {
  /** All nodes, zones taking turns. */
  readonly nodes: readonly NodeInfo[];
  get(name: string): NodeInfo | undefined;
  /** Those with pods that have any (anti-)affinity to pods. */
  readonly withAffinity: readonly NodeInfo[];
  /** Those with pods that require to be apart from others. */
  readonly withRequiredAntiAffinity: readonly NodeInfo[];
  /** Whether any pod on any node mounts the claim `namespace/name`. */
  usesClaim(key: string): boolean;
}

/** A snapshot of given nodes: for trials and tests. */
export function snapshotOf(nodes: readonly NodeInfo[]): Snapshot {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  return {
    nodes,
    get: (name) => byName.get(name),
    withAffinity: nodes.filter(({ podsWithAffinity }) => podsWithAffinity.size > 0),
    withRequiredAntiAffinity: nodes.filter(({ podsWithRequiredAntiAffinity }) => podsWithRequiredAntiAffinity.size > 0),
    usesClaim: (key) => nodes.some(({ claimUses }) => claimUses.has(key)),
  };
}
