import { isIPv6 } from "node:net";
import type { ServicePort as ApiServicePort, EndpointSlice, Service } from "@tskube/api";
import { chooseEndpoints, type NodeTopology } from "./choose-endpoints.ts";
import type { AddressFamily, Protocol, ServicePort, TrafficTarget } from "./service-port.ts";

/** Tells which service a slice belongs to. */
export const serviceNameLabel = "kubernetes.io/service-name";

/** The service ports of one service in one address family; none for headless and external-name services. */
export function buildServicePorts(
  service: Service,
  slices: readonly EndpointSlice[],
  node: NodeTopology,
  family: AddressFamily,
): ServicePort[] {
  const clusterIP = clusterIPs(service).find((address) => familyOf(address) === family);
  if (clusterIP === undefined || service.spec.type === "ExternalName") return [];
  const ofFamily = slices.filter(({ addressType }) => addressType === family);
  return (service.spec.ports ?? []).map((port) => buildServicePort(service, port, clusterIP, ofFamily, node, family));
}

function buildServicePort(
  service: Service,
  port: ApiServicePort,
  clusterIP: string,
  slices: readonly EndpointSlice[],
  node: NodeTopology,
  family: AddressFamily,
): ServicePort {
  const { metadata, spec } = service;
  const portName = port.name ?? "";
  const internal = target(spec.internalTrafficPolicy);
  const external = target(spec.externalTrafficPolicy);
  const sameFamily = (address: string) => familyOf(address) === family;
  // A load balancer that delivers to the node in proxy mode answers for its address itself (KEP-1860).
  const ingress = (service.status?.loadBalancer?.ingress ?? []).filter(
    ({ ip, ipMode }) => ip !== undefined && ipMode !== "Proxy",
  );
  return {
    id: `${metadata.namespace}/${metadata.name}${portName ? `:${portName}` : ""}`,
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    portName,
    protocol: (port.protocol ?? "TCP") as Protocol,
    clusterIP,
    port: port.port,
    nodePort: port.nodePort ?? 0,
    externalIPs: (spec.externalIPs ?? []).filter(sameFamily),
    loadBalancerIPs: ingress.map(({ ip }) => ip ?? "").filter(sameFamily),
    loadBalancerSourceRanges: (spec.loadBalancerSourceRanges ?? [])
      .map((range) => range.trim())
      .filter((range) => sameFamily(range.split("/")[0] ?? "")),
    affinitySeconds:
      spec.sessionAffinity === "ClientIP"
        ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800)
        : undefined,
    internal,
    external,
    // Pods reach external addresses through any endpoint, whatever the external policy: cluster endpoints are needed then, too.
    ...chooseEndpoints(
      slices,
      portName,
      node,
      isReachedFromOutside(service, port) ? [internal, external, "Cluster"] : [internal],
    ),
    healthCheckNodePort: spec.healthCheckNodePort ?? 0,
  };
}

function isReachedFromOutside(service: Service, port: ApiServicePort): boolean {
  const { externalIPs } = service.spec;
  return Boolean(port.nodePort || externalIPs?.length || service.status?.loadBalancer?.ingress?.length);
}

function clusterIPs({ spec }: Service): readonly string[] {
  const addresses = spec.clusterIPs?.length ? spec.clusterIPs : [spec.clusterIP ?? ""];
  return addresses.filter((address) => address !== "" && address !== "None");
}

function familyOf(address: string): AddressFamily {
  return isIPv6(address) ? "IPv6" : "IPv4";
}

function target(policy: string | undefined): TrafficTarget {
  return policy === "Local" ? "Local" : "Cluster";
}
