import type { Service } from "@tskube/api";
import { ipFamily } from "@tskube/apimachinery";

/** What is allowed in a service and probably not meant. */
export function serviceWarnings({ spec }: Service, old: Service | undefined): string[] {
  const warnings: string[] = [];
  if (spec.externalName && spec.type !== "ExternalName") {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  const isHeadless = spec.clusterIP === "None";
  if (isHeadless && spec.sessionAffinity && spec.sessionAffinity !== "None") {
    warnings.push("spec.SessionAffinity is ignored for headless services");
  }
  if (isHeadless && spec.loadBalancerIP) warnings.push("spec.loadBalancerIP is ignored for headless services");
  if (isHeadless && (spec.externalIPs ?? []).length > 0) {
    warnings.push("spec.externalIPs is ignored for headless services");
  }
  if (spec.type !== "LoadBalancer" && (spec.loadBalancerSourceRanges ?? []).length > 0) {
    warnings.push('spec.loadBalancerSourceRanges is ignored when spec.type is not "LoadBalancer"');
  }
  return [...warnings, ...addressWarnings(spec, old)];
}

/** Addresses that mean another one to other programs: with leading zeros or of IPv4 in IPv6's clothes. */
function addressWarnings(spec: Service["spec"], old: Service | undefined): string[] {
  const before = new Set(old?.spec.externalIPs ?? []);
  return (spec.externalIPs ?? []).flatMap((address, index) => {
    if (before.has(address) || ipFamily(address) === undefined) return [];
    if (!/(^|\.)0[0-9]/.test(address)) return [];
    return [
      `spec.externalIPs[${index}]: non-standard IP address "${address}" will be considered invalid in a future Kubernetes release: use "${plain(address)}"`,
    ];
  });
}

function plain(address: string): string {
  return address
    .split(".")
    .map((part) => String(Number(part)))
    .join(".");
}
