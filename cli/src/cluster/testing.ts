import { type ClusterConfig, planNodes, upstreamTiming } from "./cluster-config.ts";

/** A cluster of one control plane and two workers, as `tskube up` makes by default; `changes` shows what matters to a test. */
export function aClusterConfig(changes: Partial<ClusterConfig> = {}): ClusterConfig {
  return {
    name: "tskube",
    isolation: "namespaces",
    runtime: "process",
    store: { kind: "embedded" },
    nodes: planNodes(3, "172.30.0.0/24"),
    nodeSubnet: "172.30.0.0/24",
    podSubnet: "10.244.0.0/16",
    serviceSubnet: "10.96.0.0/16",
    apiserverPort: 6443,
    timing: upstreamTiming,
    uplink: true,
    kubeconfig: "/root/.kube/config",
    ...changes,
  };
}
