import type { NodeInfo } from "../framework/node-info.ts";

/** The zone of a node: region and zone together, empty when it has neither label. */
export function zoneOf({ node }: NodeInfo): string {
  const labels = node?.metadata.labels ?? {};
  const region = labels["topology.kubernetes.io/region"] ?? "";
  const zone = labels["topology.kubernetes.io/zone"] ?? "";
  return region === "" && zone === "" ? "" : `${region}:${zone}`;
}

/** Nodes with zones taking turns, so that a search that stops early has looked into all of them. */
export function interleaveZones(nodes: Iterable<NodeInfo>): NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>();
  for (const node of nodes) {
    const zone = zoneOf(node);
    const members = zones.get(zone);
    if (members) members.push(node);
    else zones.set(zone, [node]);
  }
  const ordered: NodeInfo[] = [];
  const groups = [...zones.values()];
  for (let round = 0; groups.some(({ length }) => length > round); round++) {
    for (const members of groups) {
      const node = members[round];
      if (node) ordered.push(node);
    }
  }
  return ordered;
}
