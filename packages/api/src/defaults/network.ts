import type { Endpoints, Namespace, Service } from "../generated/core/v1.ts";
import type { EndpointPort } from "../generated/discovery.k8s.io/v1.ts";
import type { IngressClass, NetworkPolicy, NetworkPolicyPort } from "../generated/networking.k8s.io/v1.ts";
import type { DefaultsByType } from "./defaults-by-type.ts";

export const networkDefaults: DefaultsByType = {
  "core/v1.Service": defaultService,
  "core/v1.Endpoints": ({ subsets }: Endpoints) => {
    for (const port of (subsets ?? []).flatMap((subset) => subset.ports ?? [])) port.protocol ||= "TCP";
  },
  "core/v1.Namespace": defaultNamespace,
  "discovery.k8s.io/v1.EndpointPort": (port: EndpointPort) => {
    port.name ??= "";
    port.protocol ??= "TCP";
  },
  "networking.k8s.io/v1.NetworkPolicyPort": (port: NetworkPolicyPort) => {
    port.protocol ??= "TCP";
  },
  "networking.k8s.io/v1.NetworkPolicy": ({ spec }: NetworkPolicy) => {
    if ((spec.policyTypes?.length ?? 0) > 0) return;
    spec.policyTypes = (spec.egress?.length ?? 0) > 0 ? ["Ingress", "Egress"] : ["Ingress"];
  },
  "networking.k8s.io/v1.IngressClass": ({ spec }: IngressClass) => {
    if (spec.parameters) spec.parameters.scope ??= "Cluster";
  },
};

const affinitySeconds = 10800;
const balancedTypes: readonly (string | undefined)[] = ["NodePort", "LoadBalancer"];

function defaultService(service: Service): void {
  const { spec } = service;
  defaultAffinity(spec);
  spec.type ||= "ClusterIP";
  for (const port of spec.ports ?? []) {
    port.protocol ||= "TCP";
    port.targetPort ||= port.port;
  }
  const isBalanced = balancedTypes.includes(spec.type);
  const isReachedFromOutside = isBalanced || (spec.type === "ClusterIP" && (spec.externalIPs?.length ?? 0) > 0);
  if (isReachedFromOutside) spec.externalTrafficPolicy ||= "Cluster";
  if (isBalanced || spec.type === "ClusterIP") spec.internalTrafficPolicy ??= "Cluster";
  if (spec.type !== "LoadBalancer") return;
  spec.allocateLoadBalancerNodePorts ??= true;
  for (const ingress of service.status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= "VIP";
}

function defaultAffinity(spec: Service["spec"]): void {
  spec.sessionAffinity ||= "None";
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === "ClientIP" && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: affinitySeconds } };
  }
}

function defaultNamespace({ metadata, ...namespace }: Namespace): void {
  // One whose name is yet to be generated gets its label with the name.
  if (metadata.name) metadata.labels = { ...metadata.labels, "kubernetes.io/metadata.name": metadata.name };
  if (namespace.status) namespace.status.phase ||= "Active";
}
