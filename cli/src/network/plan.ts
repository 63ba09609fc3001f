import { createHash } from "node:crypto";
import { addressAt, type ClusterConfig, type NodeConfig, namespaceOf, prefixOf } from "../cluster/cluster-config.ts";

/**
 * The wires of a cluster on one machine. Every node is a network namespace with `eth0`; a further one, the hub, holds the switch, so that
 * traffic between nodes never meets the machine's own packet filter; the machine itself is one more port of that switch.
 *
 *   machine                 hub                       worker-1
 *   tskube0 ──veth── host ┐                    ┌─ n1 ──veth── eth0
 *   172.30.0.1            br0 ─────────────────┤              172.30.0.3, pods behind cni0
 *                                              └─ n2 ──veth── eth0 of worker-2
 */
export interface NetworkCommands {
  /** Lines for `ip -batch` in the machine's namespace. */
  readonly machine: readonly string[];
  /** Lines for `ip -n NAMESPACE -batch`, by namespace. */
  readonly inside: Readonly<Record<string, readonly string[]>>;
}

const hubBridge = "br0";

export function hubNamespace(config: Pick<ClusterConfig, "name">): string {
  return `${prefixOf(config.name)}-hub`;
}

/** The machine's own interface into the cluster; interface names have 15 characters at most. */
export function machineInterface(config: Pick<ClusterConfig, "name">): string {
  if (config.name === "tskube") return "tskube0";
  return `tsk${createHash("sha256").update(config.name).digest("hex").slice(0, 8)}0`;
}

/** The machine's address on the cluster's switch, the nodes' default gateway. */
export function machineAddress(config: Pick<ClusterConfig, "nodeSubnet">): string {
  return addressAt(config.nodeSubnet, 1);
}

/** Creates the hub and the machine's port on it. */
export function hubCommands(config: ClusterConfig): NetworkCommands {
  const hub = hubNamespace(config);
  const port = machineInterface(config);
  return {
    machine: [
      `netns add ${hub}`,
      `link add ${port} type veth peer name host netns ${hub}`,
      `addr add ${machineAddress(config)}/${maskBits(config)} dev ${port}`,
      `link set ${port} up`,
    ],
    inside: {
      [hub]: [
        `link set lo up`,
        `link add ${hubBridge} type bridge`,
        `link set ${hubBridge} up`,
        `link set host master ${hubBridge} up`,
      ],
    },
  };
}

/** Creates one node's namespace and plugs it into the hub. */
export function nodeCommands(config: ClusterConfig, node: NodeConfig): NetworkCommands {
  const hub = hubNamespace(config);
  const namespace = namespaceOf(config, node.name);
  const port = hubPort(config, node);
  return {
    machine: [`netns add ${namespace}`],
    inside: {
      [namespace]: [
        `link set lo up`,
        `link add eth0 address ${hardwareAddress(node)} type veth peer name ${port} netns ${hub}`,
        `addr add ${node.address}/${maskBits(config)} dev eth0`,
        `link set eth0 up`,
        `route add default via ${machineAddress(config)}`,
      ],
      [hub]: [`link set ${port} master ${hubBridge} up`],
    },
  };
}

/** The same at every start: others remember it for a while, and would send what is for a node that came back to where nobody is. */
function hardwareAddress({ address }: NodeConfig): string {
  const bytes = address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  return ["0a", "58", ...bytes].join(":");
}

/** Makes every service address one of the node's own, so that a program there can listen on it. */
export function serviceAddressLine(config: Pick<ClusterConfig, "serviceSubnet">): string {
  return `route add local ${config.serviceSubnet} dev lo`;
}

/** Pulls a node's plug out of the hub, or puts it back. */
export function partitionCommands(config: ClusterConfig, node: NodeConfig, isCut: boolean): NetworkCommands {
  return {
    machine: [],
    inside: { [hubNamespace(config)]: [`link set ${hubPort(config, node)} ${isCut ? "down" : "up"}`] },
  };
}

/** A node's port on the hub, named for its place in the list of nodes. */
function hubPort(config: ClusterConfig, node: NodeConfig): string {
  const index = config.nodes.findIndex(({ name }) => name === node.name);
  return `n${index}`;
}

function maskBits(config: ClusterConfig): string {
  return config.nodeSubnet.split("/")[1] ?? "24";
}

/** What a node's packet filter needs so that its pods reach beyond the cluster: `nft -f` input for the node's namespace. */
export function nodeUplinkRules(config: ClusterConfig): string {
  return uplinkTable(
    config,
    `ip saddr ${config.podSubnet} ip daddr != { ${config.podSubnet}, ${config.nodeSubnet} } masquerade`,
  );
}

/** The same for the machine: nodes leave under the machine's address. */
export function machineUplinkRules(config: ClusterConfig): string {
  return uplinkTable(config, `ip saddr ${config.nodeSubnet} ip daddr != ${config.nodeSubnet} masquerade`);
}

export function uplinkTableName(config: Pick<ClusterConfig, "name">): string {
  return `${prefixOf(config.name)}-uplink`;
}

/** Adding the table before deleting it makes loading the rules twice the same as loading them once. */
function uplinkTable(config: ClusterConfig, rule: string): string {
  const name = uplinkTableName(config);
  return [
    `add table ip ${name}`,
    `delete table ip ${name}`,
    `table ip ${name} {`,
    `  chain postrouting {`,
    `    type nat hook postrouting priority srcnat; policy accept;`,
    `    ${rule}`,
    `  }`,
    `}`,
    ``,
  ].join("\n");
}

/** One node's share of the pod network, as its Node object says. */
export interface NodeRoute {
  readonly name: string;
  readonly address: string;
  readonly podCidr: string;
}

/** The routes to other nodes' pods (host-gw): `podCidr via address` for every node but `self`. */
export function routesFrom(self: string | undefined, nodes: readonly NodeRoute[]): Map<string, string> {
  return new Map(nodes.filter(({ name }) => name !== self).map(({ podCidr, address }) => [podCidr, address]));
}

/** `ip route` lines that turn the routes `current` into `wanted`. */
export function routeChanges(current: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>): string[] {
  const stale = [...current.keys()].filter((cidr) => !wanted.has(cidr));
  const changed = [...wanted].filter(([cidr, via]) => current.get(cidr) !== via);
  return [
    ...stale.map((cidr) => `route del ${cidr}`),
    ...changed.map(([cidr, via]) => `route replace ${cidr} via ${via}`),
  ];
}
