import type { Pod } from "@tskube/api";

const maxHostname = 63;

/** A pod's host name and the domain by which DNS knows it; the domain is empty for a pod without `subdomain`. */
export function hostnameOf(pod: Pod, clusterDomain: string): { hostname: string; domain: string } {
  if (pod.spec.hostnameOverride) return { hostname: pod.spec.hostnameOverride, domain: "" };
  const hostname = pod.spec.hostname || shortened(pod.metadata.name ?? "");
  const { subdomain } = pod.spec;
  const domain = subdomain ? `${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}` : "";
  return { hostname, domain };
}

/** Pod names may be longer than host names; what is cut must not end in a separator. */
function shortened(name: string): string {
  return name.slice(0, maxHostname).replace(/[-.]+$/, "");
}

/** What the runtime sets as the pod's host name. A pod on the host's network has none of its own. */
export function sandboxHostname(pod: Pod, clusterDomain: string): string {
  if (pod.spec.hostNetwork && !pod.spec.hostnameOverride) return "";
  const { hostname, domain } = hostnameOf(pod, clusterDomain);
  if (!pod.spec.setHostnameAsFQDN || !domain) return hostname;
  const full = `${hostname}.${domain}`;
  if (full.length > maxHostname + 1) {
    throw new Error(
      `failed to construct FQDN from pod hostname and cluster domain, FQDN ${full} is too long (${maxHostname + 1} characters is the max, ${full.length} characters requested)`,
    );
  }
  return full;
}
