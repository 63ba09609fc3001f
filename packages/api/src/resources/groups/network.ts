import { defineGroup, type ResourceDefinition, status } from "../define.ts";

const stored = { group: "networking.k8s.io", version: "v1" };

const addresses: readonly ResourceDefinition[] = [
  { resource: "ipaddresses", kind: "IPAddress", scope: "Cluster", shortNames: ["ip"], storage: stored },
  { resource: "servicecidrs", kind: "ServiceCIDR", scope: "Cluster", subresources: [status], storage: stored },
];

export const networking = defineGroup("networking.k8s.io", 17200, {
  v1: {
    resources: [
      { resource: "ingressclasses", kind: "IngressClass", scope: "Cluster" },
      {
        resource: "ingresses",
        kind: "Ingress",
        scope: "Namespaced",
        shortNames: ["ing"],
        subresources: [status],
      },
      ...addresses.slice(0, 1),
      { resource: "networkpolicies", kind: "NetworkPolicy", scope: "Namespaced", shortNames: ["netpol"] },
      ...addresses.slice(1),
    ],
  },
  v1beta1: { priority: 9, resources: addresses },
});

export const discovery = defineGroup("discovery.k8s.io", 16200, {
  v1: { resources: [{ resource: "endpointslices", kind: "EndpointSlice", scope: "Namespaced" }] },
});
