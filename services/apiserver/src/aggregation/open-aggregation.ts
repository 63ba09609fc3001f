import type { GroupInfo } from "@tskube/api";
import { type Clock, Closer, type Logger, type MetricsRegistry } from "@tskube/base";
import type { Handler, RequestContext } from "../http/context.ts";
import type { LocalObjects } from "../registry/objects.ts";
import { startAvailability } from "./availability/run-availability.ts";
import { type RemoteDiscovery, startRemoteDiscovery } from "./discovery/remote-discovery.ts";
import { type RemoteOpenapi, startRemoteOpenapi } from "./openapi/remote-openapi.ts";
import { type FrontProxyHeaders, identityHeaderTest } from "./proxy/identity-headers.ts";
import type { ClientPair } from "./proxy/remote.ts";
import { Remotes } from "./proxy/remotes.ts";
import { clusterAddressResolver, endpointResolver } from "./proxy/resolve-service.ts";
import { serveRemote } from "./proxy/serve-remote.ts";
import { type Registration, startRegistration } from "./registration/run-registration.ts";

export interface AggregationOptions {
  /** What extension servers believe identity headers by; without it they take requests for those of anybody. */
  readonly proxyClient?: ProxyClient;
  /** Whether services are reached at their endpoints rather than their cluster addresses (`--enable-aggregator-routing`). */
  readonly routesToEndpoints?: boolean;
  /** False passes redirects of extension servers on to clients (`--aggregator-reject-forwarding-redirect`). */
  readonly rejectRedirects?: boolean;
}

/** A certificate that others renew while the server runs. */
export interface ProxyClient {
  readonly current: ClientPair;
  onChange(listener: () => void): void;
}

export interface AggregationDeps {
  readonly objects: LocalObjects;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly random: () => number;
  readonly draining: AbortSignal;
  /** What extension servers are told to believe besides the standard headers. */
  readonly frontProxyHeaders?: FrontProxyHeaders | undefined;
}

/** All that APIServices make of the server. */
export interface Aggregation {
  /** What answers a request that is another server's to answer; undefined for this one's own. */
  handlerOf(context: RequestContext): Handler | undefined;
  /** As `handlerOf`, of the version 3 OpenAPI document `apis/GROUP/VERSION`. */
  openapiHandlerOf(path: string): Handler | undefined;
  readonly discovery: RemoteDiscovery;
  readonly openapi: RemoteOpenapi;
  /** Begins to write: APIServices for `builtIn` groups and custom resources, and what is known of all. */
  startControllers(builtIn: readonly GroupInfo[]): Registration;
  close(): Promise<void>;
}

/** Follows the APIServices and passes requests on as they say. Writes nothing yet. */
export function openAggregation(options: AggregationOptions, deps: AggregationDeps): Aggregation {
  const { proxyClient, routesToEndpoints = false, rejectRedirects = true } = options;
  const closer = new Closer();
  const resolve = routesToEndpoints ? endpointResolver(deps) : clusterAddressResolver(deps);
  const remotes = closer.add(new Remotes({ objects: deps.objects, resolve, clientPair: () => proxyClient?.current }));
  proxyClient?.onChange(() => remotes.renewConnections());
  const shared = { ...deps, remotes };
  const discovery = closer.add(startRemoteDiscovery(shared));
  const openapi = closer.add(startRemoteOpenapi(shared));
  const isIdentityHeader = identityHeaderTest(deps.frontProxyHeaders);
  const passing = { rejectRedirects, draining: deps.draining, isIdentityHeader };

  const handlerFor = (group: string, version: string) => {
    const remote = remotes.find(group, version);
    return remote && serveRemote(remote, passing);
  };
  return {
    discovery,
    openapi,
    handlerOf({ info }) {
      if (remotes.isEmpty) return undefined;
      if (info.isResource) return handlerFor(info.group, info.version);
      const [, group = "", version = ""] = versionPath.exec(info.path) ?? [];
      return handlerFor(group, version);
    },
    openapiHandlerOf(path) {
      if (!openapi.isElsewhere(path)) return undefined;
      const [, group = "", version = ""] = versionPath.exec(`/${path}`) ?? [];
      return handlerFor(group, version);
    },
    startControllers(builtIn) {
      closer.add(startAvailability(shared));
      return closer.add(startRegistration(builtIn, deps));
    },
    close: () => closer.close(),
  };
}

/** The path of a group's version itself; what is below it is a resource's. */
const versionPath = /^\/(?:apis\/([^/]+)|api)\/([^/]+)\/?$/;
