import { type GroupResource, parseGroupResource } from "@tskube/apimachinery";

export const pods: GroupResource = { group: "", resource: "pods" };
export const services: GroupResource = { group: "", resource: "services" };
export const claims: GroupResource = { group: "", resource: "persistentvolumeclaims" };
export const deviceClaims: GroupResource = { group: "resource.k8s.io", resource: "resourceclaims" };

export const storageClassSuffix = ".storageclass.storage.k8s.io/";
export const deviceClassSuffix = ".deviceclass.resource.k8s.io/devices";

/** Kinds that may be counted by their bare name, for they could before any kind could be counted. */
const bareCounts = new Set(["configmaps", "secrets", "replicationcontrollers", "resourcequotas"]);
const ofClaims = new Set(["persistentvolumeclaims", "requests.storage"]);
const computeResources = new Set(["pods", "cpu", "memory", "ephemeral-storage"]);

export function isBareCount(resource: string): boolean {
  return bareCounts.has(resource);
}

/** Compute resources also count under their bare names; extended ones only as `requests.NAME`. */
export function isPlainResource(name: string): boolean {
  return (computeResources.has(name) && name !== "pods") || name.startsWith("hugepages-");
}

/** Whose objects a name of a quota's `spec.hard` is about; nothing for a name that no kind is counted by. */
export function resourceCountedBy(name: string): GroupResource | undefined {
  if (name.startsWith("count/")) return parseGroupResource(name.slice("count/".length));
  if (isBareCount(name)) return { group: "", resource: name };
  if (ofClaims.has(name) || name.includes(storageClassSuffix)) return claims;
  if (name === "services" || name.startsWith("services.")) return services;
  if (name.endsWith(deviceClassSuffix)) return deviceClaims;
  const isOfPods = computeResources.has(name) || name.startsWith("hugepages-") || /^(requests|limits)\./.test(name);
  return isOfPods ? pods : undefined;
}

export function isSameResource(a: GroupResource, b: GroupResource): boolean {
  return a.group === b.group && a.resource === b.resource;
}
