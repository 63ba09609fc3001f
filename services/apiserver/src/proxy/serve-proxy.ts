import type { EndpointSlice, Pod, Service } from "@tskube/api";
import { badRequest, serviceUnavailable } from "@tskube/apimachinery";
import type { Handler, RequestContext } from "../http/context.ts";
import { readObject } from "../resources/read-objects.ts";
import type { ServedResource } from "../resources/served-resource.ts";
import { admitProxy } from "./admit-connect.ts";
import { kubeletOf, type StreamDeps } from "./pod-streams.ts";
import { forward, tunnel, type Upstream } from "./upstream.ts";

/** `[scheme:]name[:port]`, as proxy paths name what they reach. */
interface ProxyTarget {
  readonly isTls: boolean;
  readonly name: string;
  readonly port: string;
}

/** Answers `/proxy` and everything below it of pods, services and nodes with what they answer themselves. */
export function serveProxy(resource: ServedResource, deps: StreamDeps): Handler {
  return async (context) => {
    const { exchange, info } = context;
    await admitProxy(context, resource);
    const target = parseTarget(info.name);
    const upstream = await upstreamOf(context, resource, deps, target);
    if (info.rest === "") {
      redirectToFolder(context);
      return;
    }
    const query = exchange.url.query.toString();
    const path = query === "" ? info.rest : `${info.rest}?${query}`;
    if (exchange.upgrade) await tunnel(exchange, upstream, path);
    else await forward(exchange, upstream, { method: exchange.method, path });
  };
}

function parseTarget(text: string): ProxyTarget {
  const parts = text.split(":");
  const isTls = parts[0] === "https";
  if (parts.length === 3 && (isTls || parts[0] === "http")) {
    return { isTls, name: parts[1] ?? "", port: parts[2] ?? "" };
  }
  if (parts.length > 2) throw badRequest(`invalid proxy request ${JSON.stringify(text)}`);
  return { isTls: false, name: parts[0] ?? "", port: parts[1] ?? "" };
}

function upstreamOf(
  context: RequestContext,
  resource: ServedResource,
  deps: StreamDeps,
  target: ProxyTarget,
): Promise<Upstream> | Upstream {
  switch (resource.info.resource) {
    case "nodes":
      return kubeletOf(deps, target.name);
    case "pods":
      return podUpstream(context, resource, target);
    default:
      return serviceUpstream(context, resource, deps, target);
  }
}

async function podUpstream({ info }: RequestContext, pods: ServedResource, target: ProxyTarget): Promise<Upstream> {
  const pod = (await readObject(pods, info.namespace, target.name, undefined)).object as Pod;
  const host = pod.status?.podIP;
  if (!host) throw badRequest("address not allowed");
  const firstPort = pod.spec.containers.flatMap((container) => container.ports ?? [])[0]?.containerPort;
  const port = target.port === "" ? (firstPort ?? (target.isTls ? 443 : 80)) : podPort(pod, target.port);
  return { isTls: target.isTls, host, port };
}

function podPort(pod: Pod, text: string): number {
  const named = pod.spec.containers.flatMap((container) => container.ports ?? []).find(({ name }) => name === text);
  const port = named?.containerPort ?? Number(text);
  if (!Number.isInteger(port)) throw badRequest(`invalid port ${JSON.stringify(text)}`);
  return port;
}

/** One of the service's ready endpoints, chosen at random. */
async function serviceUpstream(
  { info }: RequestContext,
  services: ServedResource,
  { objects, random }: StreamDeps,
  target: ProxyTarget,
): Promise<Upstream> {
  const service = (await readObject(services, info.namespace, target.name, undefined)).object as Service;
  const ports = service.spec.ports ?? [];
  const wanted =
    target.port === "" && ports.length === 1
      ? ports[0]
      : ports.find(({ name, port }) => name === target.port || String(port) === target.port);
  if (!wanted)
    throw serviceUnavailable(
      `no service port ${JSON.stringify(target.port)} found for service ${JSON.stringify(target.name)}`,
    );
  const slices = objects
    .reader<EndpointSlice>({ group: "discovery.k8s.io", resource: "endpointslices" })
    .list(info.namespace)
    .filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === target.name);
  const reachable = slices.flatMap((slice) => {
    const port = slice.ports?.find(({ name }) => (name ?? "") === (wanted.name ?? ""))?.port;
    const ready = slice.endpoints.filter(({ conditions }) => conditions?.ready !== false);
    return port === undefined ? [] : ready.flatMap(({ addresses }) => addresses.map((host) => ({ host, port })));
  });
  const chosen = reachable[Math.floor(random() * reachable.length)];
  if (!chosen) throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(target.name)}`);
  return { isTls: target.isTls, ...chosen };
}

/** Relative links of what is proxied only work below the folder. */
function redirectToFolder({ exchange }: RequestContext): void {
  const query = exchange.url.query.toString();
  const location = `${exchange.url.rawPath}/${query === "" ? "" : `?${query}`}`;
  exchange.send(301, { location, "content-type": "text/plain" }, "");
}
