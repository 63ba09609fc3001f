import type { KubeObject, PersistentVolumeClaim, Pod, Service } from "@tskube/api";
import type { GroupResource } from "../../../registry/objects.ts";
import { podTotals } from "../pod-totals.ts";
import { type Amounts, addAmounts } from "./amounts.ts";

/** What one object takes of a namespace's quotas, by all the names that quotas may bound. */
export function usageOf(resource: GroupResource, object: KubeObject): Amounts {
  const counted = { [countName(resource)]: "1" };
  switch (resource.group === "" ? resource.resource : "") {
    case "pods":
      return podUsage(object as Pod, counted);
    case "services":
      return { ...counted, services: "1", ...serviceUsage(object as Service) };
    case "persistentvolumeclaims":
      return { ...counted, ...claimUsage(object as PersistentVolumeClaim) };
    case "configmaps":
    case "secrets":
    case "replicationcontrollers":
    case "resourcequotas":
      return { ...counted, [resource.resource]: "1" };
    default:
      return counted;
  }
}

/** `count/deployments.apps`, `count/pods`. */
export function countName({ group, resource }: GroupResource): string {
  return group ? `count/${resource}.${group}` : `count/${resource}`;
}

/** A pod that has ended takes its place in the store alone. */
function podUsage(pod: Pod, counted: Amounts): Amounts {
  if (pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed") return counted;
  const { requests, limits } = podTotals(pod.spec);
  const usage: Record<string, string> = { ...counted, pods: "1" };
  for (const [name, amount] of Object.entries(requests)) {
    usage[`requests.${name}`] = amount;
    if (isPlain(name)) usage[name] = amount;
  }
  for (const [name, amount] of Object.entries(limits)) if (isPlain(name)) usage[`limits.${name}`] = amount;
  return usage;
}

/** Compute resources also count under their bare names; extended ones only as `requests.NAME`. */
function isPlain(name: string): boolean {
  return name === "cpu" || name === "memory" || name === "ephemeral-storage" || name.startsWith("hugepages-");
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

function claimUsage({ spec, metadata }: PersistentVolumeClaim): Amounts {
  const requested = spec.resources?.requests?.storage;
  const className = metadata.annotations?.["volume.beta.kubernetes.io/storage-class"] ?? spec.storageClassName;
  const own: Amounts = { persistentvolumeclaims: "1", ...(requested ? { "requests.storage": requested } : {}) };
  if (!className) return own;
  const prefix = `${className}.storageclass.storage.k8s.io/`;
  return addAmounts(own, Object.fromEntries(Object.entries(own).map(([name, amount]) => [prefix + name, amount])));
}

/** Compute resources that a quota bounds and a container does not state: without them usage would not be known. */
export function unstatedResources({ spec }: Pod, bounded: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const unstated = new Map<string, string[]>();
  for (const name of bounded) {
    const [, kind = "requests", resource = ""] = /^(?:(requests|limits)\.)?(cpu|memory)$/.exec(name) ?? [];
    if (!resource) continue;
    const list = kind === "limits" ? "limits" : "requests";
    if (spec.resources?.[list]?.[resource]) continue;
    const silent = containers.filter((container) => !container.resources?.[list]?.[resource]).map((one) => one.name);
    if (silent.length > 0) unstated.set(name, silent);
  }
  return unstated;
}
