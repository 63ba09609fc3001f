import type { EndpointSlice, Endpoints, Service } from "@tskube/api";

const portName = "https";
const metadata = { name: "kubernetes", namespace: "default" };

export interface OwnServiceFacts {
  readonly clusterIp: string;
  /** What pods connect to. */
  readonly servicePort: number;
  /** What the servers listen on. */
  readonly targetPort: number;
}

/** The service by which pods reach the API. */
export function wantedService({ clusterIp, servicePort, targetPort }: OwnServiceFacts): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...metadata, labels: { component: "apiserver", provider: "kubernetes" } },
    spec: {
      type: "ClusterIP",
      clusterIP: clusterIp,
      clusterIPs: [clusterIp],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      sessionAffinity: "None",
      ports: [{ name: portName, protocol: "TCP", port: servicePort, targetPort }],
    },
  };
}

export function wantedEndpoints(addresses: readonly string[], { targetPort }: OwnServiceFacts): Endpoints {
  return {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { ...metadata, labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } },
    subsets: [
      { addresses: addresses.map((ip) => ({ ip })), ports: [{ name: portName, port: targetPort, protocol: "TCP" }] },
    ],
  };
}

export function wantedSlice(addresses: readonly string[], { targetPort }: OwnServiceFacts): EndpointSlice {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { ...metadata, labels: { "kubernetes.io/service-name": metadata.name } },
    addressType: "IPv4",
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: portName, port: targetPort, protocol: "TCP" }],
  };
}
