import {
  baseOptions,
  boolean,
  type ConfigDocument,
  choice,
  clientOptions,
  duration,
  integer,
  type OptionValues,
  text,
} from "@tskube/component";
import { backendNames } from "./backends/index.ts";

export const options = {
  ...baseOptions,
  ...clientOptions,
  hostnameOverride: text("The name of this node; absent: the machine's host name"),
  proxyMode: choice(
    "How services are made reachable; empty takes the best that can be used here",
    ["", ...backendNames],
    { default: "" },
  ),
  clusterCidr: text("The addresses of pods: traffic to cluster IPs from elsewhere is masqueraded", { value: "cidr" }),
  masqueradeAll: boolean("Masquerade all traffic to cluster IPs", { default: false }),
  masqueradeBit: integer("The bit of the packet mark for traffic to masquerade", { default: 14, min: 0, max: 31 }),
  // Upstream waits a second between syncs, for each used to rewrite everything. Ours hold only what changed.
  minSyncPeriod: duration("How long changes are collected before they are applied", { default: 50 }),
  syncPeriod: duration("How often everything is applied again without changes", { default: 30_000 }),
  healthzBindAddress: text("Where load balancers ask for the node's health; empty does not serve", {
    default: "0.0.0.0:10256",
    value: "host:port",
  }),
  metricsBindAddress: text("Where metrics are served; empty does not serve", {
    default: "127.0.0.1:10249",
    value: "host:port",
  }),
  cleanup: boolean("Remove all rules of kube-proxy from this node and end", { default: false }),
};

export type Config = OptionValues<typeof options>;

type Fields = Readonly<Record<string, unknown>>;

/** What a KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1) says about options. Throws for another kind. */
export function readKind(document: ConfigDocument): Fields {
  if (document.apiVersion !== "kubeproxy.config.k8s.io/v1alpha1" || document.kind !== "KubeProxyConfiguration") {
    throw new Error(
      `kube-proxy takes a KubeProxyConfiguration of kubeproxy.config.k8s.io/v1alpha1, not ${String(document.kind)} of ${String(document.apiVersion)}`,
    );
  }
  const section = (name: string): Fields => (document[name] ?? {}) as Fields;
  const connection = section("clientConnection");
  const backend = section(document.mode === "iptables" ? "iptables" : "nftables");
  return {
    kubeconfig: connection.kubeconfig,
    kubeApiQps: connection.qps,
    kubeApiBurst: connection.burst,
    hostnameOverride: document.hostnameOverride,
    proxyMode: document.mode,
    clusterCidr: document.clusterCIDR,
    masqueradeAll: backend.masqueradeAll,
    masqueradeBit: backend.masqueradeBit,
    minSyncPeriod: backend.minSyncPeriod,
    syncPeriod: backend.syncPeriod,
    healthzBindAddress: document.healthzBindAddress,
    metricsBindAddress: document.metricsBindAddress,
  };
}
