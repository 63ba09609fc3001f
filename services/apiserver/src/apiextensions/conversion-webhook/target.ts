import type { apiextensionsV1, EndpointSlice, Service } from "@tskube/api";
import type { LocalObjects } from "../../registry/objects.ts";

/** Where a webhook is called, and as whom its certificate must name it. */
export interface WebhookTarget {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly serverName: string;
  /** PEM; the system's authorities when absent. */
  readonly ca: string | undefined;
}

/** Finds a webhook by its URL, or a ready endpoint of its service. */
export function resolveTarget(
  { url, service, caBundle }: apiextensionsV1.WebhookClientConfig,
  objects: LocalObjects,
): WebhookTarget {
  const ca = caBundle ? Buffer.from(caBundle, "base64").toString("utf8") : undefined;
  if (url !== undefined) {
    const { hostname, port, pathname, search } = new URL(url);
    return { host: hostname, port: Number(port || 443), path: pathname + search, serverName: hostname, ca };
  }
  if (!service) throw new Error("no url or service");
  const { host, port } = endpointOf(service.namespace, service.name, service.port ?? 443, objects);
  const path = `/${(service.path ?? "/").replace(/^\//, "")}`;
  return { host, port, path, serverName: `${service.name}.${service.namespace}.svc`, ca };
}

/** An address of the service's that takes connections, or its cluster address while it has none of its own choosing. */
export function endpointOf(
  namespace: string,
  name: string,
  port: number,
  objects: LocalObjects,
): { readonly host: string; readonly port: number } {
  const service = objects.reader<Service>({ group: "", resource: "services" }).get(namespace, name);
  if (!service) throw new Error(`service "${name}" not found`);
  if (service.spec?.type === "ExternalName") return { host: service.spec.externalName ?? "", port };
  const servicePort = service.spec?.ports?.find((one) => one.port === port);
  if (!servicePort) throw new Error(`no service port ${port} found for service "${name}"`);
  const slices = objects.reader<EndpointSlice>({ group: "discovery.k8s.io", resource: "endpointslices" });
  for (const slice of slices.list(namespace)) {
    if (slice.metadata.labels?.["kubernetes.io/service-name"] !== name) continue;
    const target = slice.ports?.find((one) => (one.name ?? "") === (servicePort.name ?? ""))?.port;
    const ready = slice.endpoints?.find((endpoint) => endpoint.conditions?.ready !== false)?.addresses[0];
    if (target && ready) return { host: ready, port: target };
  }
  throw new Error(`no endpoints available for service "${name}"`);
}
