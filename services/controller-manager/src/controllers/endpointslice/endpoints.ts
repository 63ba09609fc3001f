import { isIP } from "node:net";
import type { Endpoint, Node, Pod, Service } from "@tskube/api";
import { targetPortOf } from "../../net/pod-ports.ts";
import { isPodReady } from "../../pods/pod-state.ts";

export type AddressType = "IPv4" | "IPv6";

/** Ports as they stand in a slice: pods with other numbers for a named port get slices of their own. */
export interface SlicePort {
  readonly name: string;
  readonly protocol: string;
  readonly port?: number;
  readonly appProtocol?: string;
}

/** The address families of a service, in its order. */
export function addressTypesOf({ spec }: Service): AddressType[] {
  const families = spec?.ipFamilies ?? [];
  if (families.length > 0)
    return families.filter((family): family is AddressType => family === "IPv4" || family === "IPv6");
  return [spec?.clusterIP?.includes(":") ? "IPv6" : "IPv4"];
}

/** The ports a pod serves a service on; a headless service without ports has endpoints without any. */
export function slicePortsOf(service: Service, pod: Pod): SlicePort[] {
  return (service.spec?.ports ?? []).flatMap((port) => {
    const number = targetPortOf(pod, port);
    if (number === undefined) return [];
    const { name = "", protocol = "TCP", appProtocol } = port;
    return [{ name, protocol, port: number, ...(appProtocol && { appProtocol }) }];
  });
}

/** A pod as an endpoint of a service; undefined without an address of the family. */
export function endpointOf(
  service: Service,
  pod: Pod,
  type: AddressType,
  node: Node | undefined,
): Endpoint | undefined {
  const address = addressOf(pod, type);
  if (!address) return undefined;
  const isTerminating = pod.metadata.deletionTimestamp !== undefined;
  const isServing = isPodReady(pod);
  const zone = node?.metadata.labels?.["topology.kubernetes.io/zone"];
  const { hostname, subdomain, nodeName } = pod.spec;
  const hasName = hostname && subdomain === service.metadata.name;
  return {
    addresses: [address],
    conditions: {
      ready: service.spec?.publishNotReadyAddresses ? true : isServing && !isTerminating,
      serving: isServing,
      terminating: isTerminating,
    },
    ...(hasName && { hostname }),
    targetRef: { kind: "Pod", namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
    ...(nodeName && { nodeName }),
    ...(zone && { zone }),
  };
}

function addressOf(pod: Pod, type: AddressType): string | undefined {
  const version = type === "IPv4" ? 4 : 6;
  const all = [...(pod.status?.podIPs ?? []).map(({ ip }) => ip), pod.status?.podIP];
  return all.find((ip) => ip !== undefined && isIP(ip) === version);
}
