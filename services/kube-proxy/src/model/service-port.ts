export type Protocol = "TCP" | "UDP" | "SCTP";
export type AddressFamily = "IPv4" | "IPv6";

export interface ProxyEndpoint {
  readonly address: string;
  readonly port: number;
  /** It runs on this node. */
  readonly isLocal: boolean;
}

/** One port of one service in one address family, with the endpoints that its traffic may go to: all that a backend renders. */
export interface ServicePort {
  /** `namespace/name:port`; the port's name is left out if it has none. */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly portName: string;
  readonly protocol: Protocol;
  readonly clusterIP: string;
  readonly port: number;
  /** 0 when the service has none. */
  readonly nodePort: number;
  readonly externalIPs: readonly string[];
  readonly loadBalancerIPs: readonly string[];
  /** Empty: everybody may use the load balancer's addresses. */
  readonly loadBalancerSourceRanges: readonly string[];
  /** Seconds that a client stays with its endpoint; undefined without session affinity. */
  readonly affinitySeconds: number | undefined;
  /** Where traffic to the cluster IP goes. */
  readonly internal: TrafficTarget;
  /** Where traffic to node port, external and load balancer addresses goes. */
  readonly external: TrafficTarget;
  /** Endpoints for traffic that may go anywhere in the cluster. */
  readonly clusterEndpoints: readonly ProxyEndpoint[];
  /** Endpoints on this node, where a policy asks for them. */
  readonly localEndpoints: readonly ProxyEndpoint[];
  /** Whether any endpoint exists at all; a policy may still leave none for this node. */
  readonly hasEndpoints: boolean;
  readonly healthCheckNodePort: number;
}

/** `Cluster`: any endpoint. `Local`: those of this node only (internalTrafficPolicy, externalTrafficPolicy). */
export type TrafficTarget = "Cluster" | "Local";

/** The endpoints for traffic to the cluster IP. */
export function internalEndpoints(port: ServicePort): readonly ProxyEndpoint[] {
  return port.internal === "Local" ? port.localEndpoints : port.clusterEndpoints;
}

/** The endpoints for traffic from outside the cluster. */
export function externalEndpoints(port: ServicePort): readonly ProxyEndpoint[] {
  return port.external === "Local" ? port.localEndpoints : port.clusterEndpoints;
}

/** Addresses besides the cluster IP that the service answers on. */
export function externalAddresses(port: ServicePort): readonly string[] {
  return [...port.externalIPs, ...port.loadBalancerIPs];
}
