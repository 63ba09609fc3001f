/** How names of resources are read everywhere: by prefix and by domain. */

const defaultDomain = "kubernetes.io/";

export function isHugePages(name: string): boolean {
  return name.startsWith("hugepages-");
}

/** A resource that Kubernetes itself knows: without a domain, or of its own. */
export function isNativeResource(name: string): boolean {
  return !name.includes("/") || name.includes(defaultDomain);
}

/** A resource that somebody else counts, such as devices. */
export function isExtendedResource(name: string): boolean {
  return !isNativeResource(name) && !name.startsWith("requests.");
}

const standard = new Set([
  "cpu",
  "memory",
  "ephemeral-storage",
  "requests.cpu",
  "requests.memory",
  "requests.ephemeral-storage",
  "limits.cpu",
  "limits.memory",
  "limits.ephemeral-storage",
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "storage",
  "requests.storage",
  "services.nodeports",
  "services.loadbalancers",
]);

/** Names that quotas and containers may use without a domain. */
export function isStandardResource(name: string): boolean {
  return standard.has(name) || isHugePages(name) || name.startsWith("requests.hugepages-");
}
