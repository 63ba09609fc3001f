import type { EndpointSlice, Service } from "@tskube/api";
import type { ServicePort } from "./service-port.ts";

/** A ClusterIP service `default/web` on port 80; `spec` shows what matters to a test. */
export function aService(spec: Partial<Service["spec"]> = {}, status: Service["status"] = {}): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default" },
    spec: {
      type: "ClusterIP",
      clusterIP: "10.96.0.7",
      clusterIPs: ["10.96.0.7"],
      ports: [{ port: 80, protocol: "TCP" }],
      ...spec,
    },
    status,
  };
}

interface EndpointShape {
  readonly address: string;
  readonly node?: string;
  readonly isReady?: boolean;
  readonly isTerminating?: boolean;
  readonly isServing?: boolean;
  readonly zoneHint?: string;
}

/** A slice of `default/web` on port 8080. */
export function aSlice(endpoints: readonly EndpointShape[]): EndpointSlice {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "web-abc", namespace: "default", labels: { "kubernetes.io/service-name": "web" } },
    addressType: "IPv4",
    ports: [{ name: "", port: 8080, protocol: "TCP" }],
    endpoints: endpoints.map(
      ({ address, node, isReady = true, isTerminating = false, isServing = isReady, zoneHint }) => ({
        addresses: [address],
        nodeName: node,
        conditions: { ready: isReady, serving: isServing, terminating: isTerminating },
        hints: zoneHint === undefined ? undefined : { forZones: [{ name: zoneHint }] },
      }),
    ),
  };
}

/** A service port with two endpoints, the first on this node. */
export function aServicePort(changes: Partial<ServicePort> = {}): ServicePort {
  return {
    id: "default/web",
    namespace: "default",
    name: "web",
    portName: "",
    protocol: "TCP",
    clusterIP: "10.96.0.7",
    port: 80,
    nodePort: 0,
    externalIPs: [],
    loadBalancerIPs: [],
    loadBalancerSourceRanges: [],
    affinitySeconds: undefined,
    internal: "Cluster",
    external: "Cluster",
    clusterEndpoints: [
      { address: "10.244.1.5", port: 8080, isLocal: true },
      { address: "10.244.2.6", port: 8080, isLocal: false },
    ],
    localEndpoints: [],
    hasEndpoints: true,
    healthCheckNodePort: 0,
    ...changes,
  };
}
