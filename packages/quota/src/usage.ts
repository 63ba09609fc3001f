import type { KubeObject, PersistentVolumeClaim, Pod, ResourceClaim, Service } from "@tskube/api";
import { formatGroupResource, type GroupResource } from "@tskube/apimachinery";
import type { Amounts } from "./amounts.ts";
import { claimUsage, deviceUsage } from "./claims.ts";
import { deviceClaims, isBareCount, isSameResource } from "./names.ts";
import { isPodCounted, podUsage } from "./pods.ts";

/** What one object takes of a namespace's quotas, by all the names that quotas may bound. */
export function usageOf(resource: GroupResource, object: KubeObject, nowMs: number): Amounts {
  return { [countName(resource)]: "1", ...ownUsage(resource, object, nowMs) };
}

function ownUsage(resource: GroupResource, object: KubeObject, nowMs: number): Amounts {
  if (isSameResource(resource, deviceClaims)) return deviceUsage(object as ResourceClaim);
  if (resource.group !== "") return {};
  switch (resource.resource) {
    case "pods":
      return isPodCounted(object as Pod, nowMs) ? podUsage(object as Pod) : {};
    case "services":
      return { services: "1", ...serviceUsage(object as Service) };
    case "persistentvolumeclaims":
      return claimUsage(object as PersistentVolumeClaim);
    default:
      return isBareCount(resource.resource) ? { [resource.resource]: "1" } : {};
  }
}

/** `count/deployments.apps`, `count/pods`. */
export function countName(resource: GroupResource): string {
  return `count/${formatGroupResource(resource)}`;
}

function serviceUsage({ spec }: Service): Amounts {
  const ports = spec?.ports?.length ?? 0;
  switch (spec?.type) {
    case "NodePort":
      return { "services.nodeports": String(ports) };
    case "LoadBalancer": {
      const nodePorts =
        spec.allocateLoadBalancerNodePorts === false
          ? (spec.ports ?? []).filter((port) => port.nodePort).length
          : ports;
      return { "services.loadbalancers": "1", "services.nodeports": String(nodePorts) };
    }
    default:
      return {};
  }
}
