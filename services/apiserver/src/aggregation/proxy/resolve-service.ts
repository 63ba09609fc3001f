import type { EndpointSlice, Service } from "@tskube/api";
import { notFound, serviceUnavailable } from "@tskube/apimachinery";
import type { LocalObjects } from "../../registry/objects.ts";
import type { ServiceTarget } from "../api-service/api-service.ts";

/** Where a connection is opened. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `host:port` as it stands in URLs. */
export function authorityOf({ host, port }: Endpoint): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

export type ResolveService = (target: ServiceTarget) => Endpoint;

export interface ResolverDeps {
  readonly objects: LocalObjects;
  readonly random: () => number;
}

const services = { group: "", resource: "services" };
const slices = { group: "discovery.k8s.io", resource: "endpointslices" };
export const serviceNameLabel = "kubernetes.io/service-name";

/** The slices that hold a service's endpoints. */
export function slicesOf({ namespace, name }: Pick<ServiceTarget, "namespace" | "name">, objects: LocalObjects) {
  const all = objects.reader<EndpointSlice>(slices).list(namespace);
  return all.filter(({ metadata }) => metadata.labels?.[serviceNameLabel] === name);
}

/** Finds services by their cluster address, which the packet filter of this machine forwards. Throws in upstream's words. */
export function clusterAddressResolver({ objects }: Pick<ResolverDeps, "objects">): ResolveService {
  return (target) => {
    const service = readService(target, objects);
    const { type = "ClusterIP", clusterIP = "", externalName = "" } = service.spec ?? {};
    if (type === "ExternalName") return { host: externalName, port: target.port };
    if (type === "ClusterIP" && clusterIP === "None") throw new Error('cannot route to service with ClusterIP "None"');
    requirePort(service, target);
    return { host: clusterIP, port: target.port };
  };
}

/** Finds one of a service's ready endpoints, past the service network (`--enable-aggregator-routing`). Throws in upstream's words. */
export function endpointResolver({ objects, random }: ResolverDeps): ResolveService {
  return (target) => {
    const service = readService(target, objects);
    const portName = requirePort(service, target);
    if (service.spec?.type === "ExternalName") throw new Error('unsupported service type "ExternalName"');
    const all = slicesOf(target, objects).flatMap((slice) => readyEndpoints(slice, portName));
    const chosen = all[Math.floor(random() * all.length)];
    if (!chosen) throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(target.name)}`);
    return chosen;
  };
}

function readService({ namespace, name }: ServiceTarget, objects: LocalObjects): Service {
  const service = objects.reader<Service>(services).get(namespace, name);
  if (!service) throw notFound(services, name);
  return service;
}

/** The name of the service's port; empty for an unnamed one. */
function requirePort({ spec }: Service, { name, port }: ServiceTarget): string {
  const found = spec?.ports?.find((one) => one.port === port);
  if (!found) throw serviceUnavailable(`no service port ${port} found for service ${JSON.stringify(name)}`);
  return found.name ?? "";
}

function readyEndpoints({ ports = [], endpoints }: EndpointSlice, portName: string): Endpoint[] {
  const port = ports.find(({ name }) => (name ?? "") === portName)?.port;
  if (port === undefined) return [];
  const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false);
  return ready.flatMap(({ addresses }) => addresses.slice(0, 1).map((host) => ({ host, port })));
}
