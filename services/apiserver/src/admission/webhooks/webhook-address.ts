import { isIP } from "node:net";
import type { admissionregistrationV1, EndpointSlice, Service } from "@tskube/api";
import type { LocalObjects } from "../../registry/objects.ts";

/** Where a webhook listens and the name that its certificate must have. */
export interface WebhookAddress {
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
  /** What errors and the Host header call it. */
  readonly authority: string;
  readonly path: string;
}

export interface AddressDeps {
  readonly objects: LocalObjects;
  readonly random: () => number;
}

/** Finds a webhook: by its URL, or by one of the ready endpoints of its service. Throws when there is none. */
export function webhookAddress(
  { url, service }: admissionregistrationV1.WebhookClientConfig,
  deps: AddressDeps,
): WebhookAddress {
  if (url !== undefined) return addressOfUrl(new URL(url));
  if (!service) throw new Error("webhook configuration must have either service or URL");
  const { namespace, name, path = "/", port = 443 } = service;
  const serverName = `${name}.${namespace}.svc`;
  return { ...serviceEndpoint(namespace, name, port, deps), serverName, authority: `${serverName}:${port}`, path };
}

function addressOfUrl(url: URL): WebhookAddress {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return {
    host,
    port: Number(url.port || 443),
    serverName: isIP(host) ? "" : host,
    authority: url.host,
    path: url.pathname + url.search,
  };
}

const serviceNameLabel = "kubernetes.io/service-name";

function serviceEndpoint(namespace: string, name: string, port: number, { objects, random }: AddressDeps) {
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

function readyEndpoints(slice: EndpointSlice, portName: string) {
  const port = slice.ports?.find((one) => (one.name ?? "") === portName)?.port;
  if (port === undefined) return [];
  return (slice.endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .flatMap(({ addresses }) => addresses.slice(0, 1).map((host) => ({ host, port })));
}
