import type { KubeObject } from "@tskube/api";
import type { RequestTokenDeps } from "../auth/index.ts";
import { controlPlaneProbes } from "../component-status/component-statuses.ts";
import { componentStatusRoute } from "../component-status/serve-component-statuses.ts";
import type { Handler } from "../http/context.ts";
import { createdColumns } from "../kinds/default-columns.ts";
import { deprecationWarning } from "../kinds/deprecations.ts";
import { type StreamDeps, servePodLog, servePodStream, servePortForward } from "../proxy/pod-streams.ts";
import { serveProxy } from "../proxy/serve-proxy.ts";
import type { UpdateRules } from "../registry/strategy.ts";
import { serveBinding } from "../subresources/binding.ts";
import { serveEviction } from "../subresources/eviction.ts";
import { ephemeralContainers, finalize, resize } from "../subresources/pod-parts.ts";
import { serveToken } from "../subresources/token.ts";
import type { Catalog } from "./catalog.ts";
import { EncodingChooser } from "./choose-encoding.ts";
import { ResourceRouter, type Route } from "./router.ts";
import { serveScale } from "./scale.ts";
import { type ServeDeps, servePart, serveResource } from "./serve-resource.ts";
import type { ServedResource } from "./served-resource.ts";
import { statusRules } from "./status-rules.ts";

export interface RouteDeps extends ServeDeps {
  readonly catalog: Catalog;
  readonly virtual: readonly Route[];
  readonly tokens: RequestTokenDeps;
  readonly streams: StreamDeps;
}

/** Subresources of the object's own kind that change a part of it. */
const parts: Readonly<Record<string, UpdateRules<KubeObject>>> = {
  "pods/ephemeralcontainers": ephemeralContainers,
  "pods/resize": resize,
  "namespaces/finalize": finalize,
};

type Serve = (resource: ServedResource, deps: RouteDeps) => Handler;

/** Subresources with handlers of their own. */
const special: Readonly<Record<string, Serve>> = {
  "pods/attach": (pods, { streams }) => servePodStream("attach", pods, streams),
  "pods/binding": (pods, { clock }) => serveBinding(pods, clock),
  "pods/eviction": (pods, { streams, clock }) => serveEviction(pods, { objects: streams.objects, clock }),
  "pods/exec": (pods, { streams }) => servePodStream("exec", pods, streams),
  "pods/log": (pods, { streams }) => servePodLog(pods, streams),
  "pods/portforward": (pods, { streams }) => servePortForward(pods, streams),
  "nodes/proxy": (nodes, { streams }) => serveProxy(nodes, streams),
  "pods/proxy": (pods, { streams }) => serveProxy(pods, streams),
  "services/proxy": (services, { streams }) => serveProxy(services, streams),
  "serviceaccounts/token": (accounts, { tokens }) => serveToken(accounts, tokens),
};

/** The way of all resource requests; its `handle` answers them. */
export function routeResources(deps: RouteDeps): ResourceRouter {
  const router = new ResourceRouter();
  for (const resource of deps.catalog.all()) router.add(routeOf(deps, resource));
  for (const route of deps.virtual) router.add(route);
  router.add(
    componentStatusRoute(
      controlPlaneProbes(() => deps.store.currentRevision()),
      deps.clock,
    ),
  );
  return router;
}

export function routeOf(deps: RouteDeps, resource: ServedResource): Route {
  const encodings = new EncodingChooser(resource, resource.strategy.columns ?? createdColumns, deps.clock);
  const subresources: Record<string, Handler> = {};
  for (const { name } of resource.info.subresources) {
    const handler = subresourceHandler(deps, resource, encodings, name);
    if (handler) subresources[name] = handler;
  }
  return { info: resource.info, whole: warning(resource, serveResource(deps, resource, encodings)), subresources };
}

/** Tells users of a deprecated resource so before they are answered. */
function warning({ info }: ServedResource, handler: Handler): Handler {
  const text = deprecationWarning(info);
  if (text === undefined) return handler;
  return (context) => {
    context.exchange.warn(text);
    context.exchange.audit?.annotate("k8s.io/deprecated", "true");
    return handler(context);
  };
}

function subresourceHandler(
  deps: RouteDeps,
  resource: ServedResource,
  encodings: EncodingChooser,
  name: string,
): Handler | undefined {
  if (name === "scale") return serveScale(resource);
  const key = `${resource.info.resource}/${name}`;
  const rules = name === "status" ? statusRules(resource.strategy) : (resource.strategy.parts?.[name] ?? parts[key]);
  if (rules) return servePart(resource, encodings, { subresource: name, rules, mayCreate: false });
  return special[key]?.(resource, deps);
}
