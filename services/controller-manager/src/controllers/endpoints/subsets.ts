import type { EndpointAddress, EndpointPort, EndpointSubset, Pod, Service } from "@tskube/api";
import { targetPortOf } from "../../net/pod-ports.ts";
import { isPodReady } from "../../pods/pod-state.ts";

/** Upstream's limit of addresses in one Endpoints. */
const maxCapacity = 1000;

/** A service's pods as subsets: addresses with the same ports stand together, all in a fixed order. */
export function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const publishAll = service.spec?.publishNotReadyAddresses === true;
  const subsets = new Map<string, Required<EndpointSubset>>();
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp && !publishAll) continue;
    const ports = portsOf(service, pod);
    if (!ports) continue;
    const key = JSON.stringify(ports);
    const subset = subsets.get(key) ?? { addresses: [], notReadyAddresses: [], ports };
    subsets.set(key, subset);
    (publishAll || isPodReady(pod) ? subset.addresses : subset.notReadyAddresses)?.push(addressOf(service, pod));
  }
  return [...subsets.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, subset]) => tidy(subset));
}

/** The ports a pod serves; undefined when it serves none of those asked for. */
function portsOf(service: Service, pod: Pod): EndpointPort[] | undefined {
  const asked = service.spec?.ports ?? [];
  if (asked.length === 0) return service.spec?.clusterIP === "None" ? [] : undefined;
  const ports = asked.flatMap((port) => {
    const number = targetPortOf(pod, port);
    if (number === undefined) return [];
    const { name, protocol = "TCP", appProtocol } = port;
    return [{ ...(name && { name }), port: number, protocol, ...(appProtocol && { appProtocol }) }];
  });
  return ports.length > 0 ? ports.sort((a, b) => ((a.name ?? "") < (b.name ?? "") ? -1 : 1)) : undefined;
}

function addressOf(service: Service, pod: Pod): EndpointAddress {
  const { hostname, subdomain, nodeName } = pod.spec;
  const { name, namespace, uid } = pod.metadata;
  return {
    ip: pod.status?.podIP ?? "",
    ...(hostname && subdomain === service.metadata.name && { hostname }),
    ...(nodeName && { nodeName }),
    targetRef: { kind: "Pod", namespace, name, uid },
  };
}

function tidy({ addresses = [], notReadyAddresses = [], ports }: EndpointSubset): EndpointSubset {
  return {
    ...(addresses.length > 0 && { addresses: addresses.sort(byAddress) }),
    ...(notReadyAddresses.length > 0 && { notReadyAddresses: notReadyAddresses.sort(byAddress) }),
    ...((ports?.length ?? 0) > 0 && { ports }),
  };
}

function byAddress(a: EndpointAddress, b: EndpointAddress): number {
  return a.ip === b.ip ? ((a.targetRef?.uid ?? "") < (b.targetRef?.uid ?? "") ? -1 : 1) : a.ip < b.ip ? -1 : 1;
}

function count(subsets: readonly EndpointSubset[]): number {
  return subsets.reduce(
    (n, { addresses, notReadyAddresses }) => n + (addresses?.length ?? 0) + (notReadyAddresses?.length ?? 0),
    0,
  );
}

export interface Truncated {
  readonly subsets: EndpointSubset[];
  readonly wasTruncated: boolean;
}

/** Keeps the first thousand addresses, ready ones before others, evenly over subsets. */
export function truncate(subsets: EndpointSubset[]): Truncated {
  if (count(subsets) <= maxCapacity) return { subsets, wasTruncated: false };
  const ready = subsets.reduce((n, { addresses }) => n + (addresses?.length ?? 0), 0);
  const readyShare = Math.min(1, maxCapacity / ready);
  const notReadyShare = Math.max(0, maxCapacity - ready) / Math.max(1, count(subsets) - ready);
  const cut = (list: EndpointAddress[] = [], share: number) => list.slice(0, Math.floor(list.length * share));
  return {
    wasTruncated: true,
    subsets: subsets.map(({ addresses, notReadyAddresses, ports }) =>
      tidy({ addresses: cut(addresses, readyShare), notReadyAddresses: cut(notReadyAddresses, notReadyShare), ports }),
    ),
  };
}
