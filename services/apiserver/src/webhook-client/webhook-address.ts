import { isIP } from "node:net";
import { type Endpoint, type EndpointDeps, serviceEndpoint } from "./service-endpoint.ts";

/** How a configuration names a webhook, for admission and for conversion alike: by `url` or by `service`. */
export interface WebhookClientConfig {
  readonly url?: string | undefined;
  readonly service?:
    | {
        readonly namespace: string;
        readonly name: string;
        readonly path?: string | undefined;
        readonly port?: number | undefined;
      }
    | undefined;
  /** PEM of the authorities trusted, in base64; the system's when absent. */
  readonly caBundle?: string | undefined;
}

/** Where a webhook listens and the name that its certificate must have. */
export interface WebhookAddress extends Endpoint {
  /** Empty where the certificate is checked against the address. */
  readonly serverName: string;
  /** What errors and the Host header call it. */
  readonly authority: string;
  readonly path: string;
}

/** Finds a webhook: by its URL, or by one of the ready endpoints of its service. Throws when there is none. */
export function webhookAddress({ url, service }: WebhookClientConfig, deps: EndpointDeps): WebhookAddress {
  if (url !== undefined) return addressOfUrl(new URL(url));
  if (!service) throw new Error("webhook configuration must have either service or URL");
  const { namespace, name, path = "/", port = 443 } = service;
  const serverName = `${name}.${namespace}.svc`;
  return {
    ...serviceEndpoint(namespace, name, port, deps),
    serverName,
    authority: `${serverName}:${port}`,
    path: path.startsWith("/") ? path : `/${path}`,
  };
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
