import { isIPv4 } from "node:net";

export const runtimeNames = ["containerd", "process"] as const;
export type RuntimeName = (typeof runtimeNames)[number];

/** `namespaces`: each node is a network namespace. `host`: one node in the machine's own namespace, for users without root. */
export type Isolation = "namespaces" | "host";

export interface NodeConfig {
  readonly name: string;
  readonly role: "control-plane" | "worker";
  readonly address: string;
}

/** Where the apiserver keeps its objects. */
export type StoreConfig =
  | { readonly kind: "embedded" }
  /** An etcd of the cluster's own, started with it. */
  | { readonly kind: "etcd" }
  | {
      readonly kind: "external-etcd";
      readonly endpoints: readonly string[];
      readonly caFile?: string;
      readonly certFile?: string;
      readonly keyFile?: string;
    };

/** How long a silent node is waited for. Upstream's figures unless shortened for a demonstration. */
export interface FailureTiming {
  /** Without a heartbeat for this long a node is Unknown. */
  readonly nodeGraceSeconds: number;
  /** Pods leave a node that is not ready or unreachable after this long. */
  readonly tolerationSeconds: number;
  /** How long a node's Lease promises; it is renewed four times as often. */
  readonly leaseSeconds: number;
}

export const upstreamTiming: FailureTiming = { nodeGraceSeconds: 50, tolerationSeconds: 300, leaseSeconds: 40 };
export const quickTiming: FailureTiming = { nodeGraceSeconds: 4, tolerationSeconds: 3, leaseSeconds: 4 };

/** All that makes a cluster what it is: written once by `up` as cluster.json, read by everything after. */
export interface ClusterConfig {
  readonly name: string;
  readonly isolation: Isolation;
  readonly runtime: RuntimeName;
  readonly store: StoreConfig;
  readonly nodes: readonly NodeConfig[];
  /** The /24 that the nodes' own addresses come from; its first address is the machine's. Unused when isolation is `host`. */
  readonly nodeSubnet: string;
  readonly podSubnet: string;
  readonly serviceSubnet: string;
  readonly apiserverPort: number;
  readonly timing: FailureTiming;
  /** Whether nodes may reach beyond the machine (masquerading), so that images can be pulled. */
  readonly uplink: boolean;
  /** The kubeconfig that the cluster's context was merged into. */
  readonly kubeconfig: string;
}

const controlPlaneName = "control-plane";

/** The nodes of a new cluster: one control plane, then `count - 1` workers, with addresses from the subnet's second on. */
export function planNodes(count: number, subnet: string): NodeConfig[] {
  return Array.from({ length: count }, (_, index) => ({
    name: index === 0 ? controlPlaneName : `worker-${index}`,
    role: index === 0 ? "control-plane" : "worker",
    address: addressAt(subnet, index + 2),
  }));
}

/** Address number `index` of an IPv4 subnet: `addressAt("172.30.0.0/24", 1)` is `172.30.0.1`. */
export function addressAt(subnet: string, index: number): string {
  const [base = "", bits = "32"] = subnet.split("/");
  if (!isIPv4(base) || index >= 2 ** (32 - Number(bits)))
    throw new Error(`subnet ${subnet} has no address number ${index}`);
  const value = base.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) + index;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** The node that runs the control plane. */
export function controlPlaneOf(config: ClusterConfig): NodeConfig {
  const node = config.nodes.find(({ role }) => role === "control-plane");
  if (!node) throw new Error(`cluster ${config.name} has no control plane`);
  return node;
}

/** The prefix of every network namespace and interface of a cluster: `tskube` for the default one. */
export function prefixOf(clusterName: string): string {
  return clusterName === "tskube" ? "tskube" : `tskube-${clusterName}`;
}

/** The network namespace that is a node. */
export function namespaceOf(config: Pick<ClusterConfig, "name">, node: string): string {
  return `${prefixOf(config.name)}-${node}`;
}
