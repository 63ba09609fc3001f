import type { EndpointSlice, Service } from "@tskube/api";
import type { LocalObjects } from "../registry/objects.ts";

export interface EndpointDeps {
  readonly objects: LocalObjects;
  /** Picks among the endpoints of a service. */
  readonly random: () => number;
}

/** Where a connection is opened. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

const serviceNameLabel = "kubernetes.io/service-name";

/**
 * Where the `port` of a service is reached from this server, which needs no packet filter that knows of services: one of the ready endpoints; the
 * cluster address of a service that has none and whose endpoints nobody is to find; the name of an external one. Throws in upstream's words.
 */
export function serviceEndpoint(
  namespace: string,
  name: string,
  port: number,
  { objects, random }: EndpointDeps,
): Endpoint {
  const service = objects.reader<Service>({ group: "", resource: "services" }).get(namespace, name);
  if (!service) throw new Error(`service ${JSON.stringify(name)} not found`);
  const { type, externalName, clusterIP, ports = [] } = service.spec ?? {};
  if (type === "ExternalName" && externalName) return { host: externalName, port };
  const servicePort = ports.find((one) => one.port === port);
  if (!servicePort) throw new Error(`no service port ${port} found for service ${JSON.stringify(name)}`);
  const ready = objects
    .reader<EndpointSlice>({ group: "discovery.k8s.io", resource: "endpointslices" })
    .list(namespace)
    .filter((slice) => slice.metadata.labels?.[serviceNameLabel] === name)
    .flatMap((slice) => readyEndpoints(slice, servicePort.name ?? ""));
  const chosen = ready[Math.floor(random() * ready.length)];
  if (chosen) return chosen;
  // A service without a selector may be served by whoever forwards its address.
  if (!service.spec?.selector && clusterIP && clusterIP !== "None") return { host: clusterIP, port };
  throw new Error(`no endpoints available for service ${JSON.stringify(name)}`);
}

function readyEndpoints(slice: EndpointSlice, portName: string): Endpoint[] {
  const port = slice.ports?.find((one) => (one.name ?? "") === portName)?.port;
  if (port === undefined) return [];
  return (slice.endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .flatMap(({ addresses }) => addresses.slice(0, 1).map((host) => ({ host, port })));
}
