import type { Pod, Service } from "@tskube/api";
import { formatTime, parseTime, selectorFromLabels } from "@tskube/apimachinery";
import { type Lister, objectKey } from "@tskube/client";
import { isPodTerminal } from "../pods/pod-state.ts";

/** The keys of the services that a pod may belong to. */
export function servicesOf(pod: Pod, services: Lister<Service>): string[] {
  const labels = pod.metadata.labels ?? {};
  const inNamespace = services.in(pod.metadata.namespace ?? "").list();
  return inNamespace.filter((service) => hasSelector(service) && selects(service, labels)).map(objectKey);
}

export function hasSelector({ spec }: Service): boolean {
  return Object.keys(spec?.selector ?? {}).length > 0 && spec?.type !== "ExternalName";
}

function selects({ spec }: Service, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(spec?.selector ?? {}).every(([key, value]) => labels[key] === value);
}

/** The pods of a service that may be endpoints: with an address, not ended; whether those that end count is the caller's. */
export function podsOf(service: Service, pods: Lister<Pod>): Pod[] {
  return pods
    .in(service.metadata.namespace ?? "")
    .list(selectorFromLabels(service.spec?.selector))
    .filter((pod) => (pod.status?.podIP ?? "") !== "" && !isPodTerminal(pod));
}

/** What of a pod decides endpoints. A change of anything else wakes nothing. */
export function hasEndpointChange(old: Pod, pod: Pod): boolean {
  return endpointFacts(old) !== endpointFacts(pod);
}

function endpointFacts({ metadata, spec, status }: Pod): string {
  const ready = status?.conditions?.find(({ type }) => type === "Ready")?.status;
  return JSON.stringify([
    metadata.labels,
    metadata.deletionTimestamp !== undefined,
    spec.nodeName,
    spec.hostname,
    spec.subdomain,
    status?.podIP,
    status?.podIPs,
    status?.phase,
    ready,
  ]);
}

export const triggerTimeAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";

/** When the newest change happened that endpoints had to follow: the service's creation or a pod's turn of readiness. */
export function triggerTime(service: Service, pods: readonly Pod[]): string | undefined {
  const times = [service.metadata.creationTimestamp, ...pods.map(readyChangedAt)].map((text) => parseTime(text ?? ""));
  const known = times.filter((time) => time !== undefined);
  return known.length > 0 ? formatTime(Math.max(...known)) : undefined;
}

function readyChangedAt({ status }: Pod): string | undefined {
  return status?.conditions?.find(({ type }) => type === "Ready")?.lastTransitionTime;
}

export const headlessLabel = "service.kubernetes.io/headless";

export function isHeadless({ spec }: Service): boolean {
  return spec?.clusterIP === "None" || (spec?.clusterIP ?? "") === "";
}
