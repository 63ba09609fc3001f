import type { Handler } from "../http/context.ts";
import { defaultColumns } from "../kinds/default-columns.ts";
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
}

/** One handler for all resource requests. */
export function routeResources(deps: RouteDeps): Handler {
  const router = new ResourceRouter();
  for (const resource of deps.catalog.all()) router.add(routeOf(deps, resource));
  for (const route of deps.virtual) router.add(route);
  return router.handle;
}

function routeOf(deps: RouteDeps, resource: ServedResource): Route {
  const encodings = new EncodingChooser(resource, resource.strategy.columns ?? defaultColumns, deps.clock);
  const subresources: Record<string, Handler> = {};
  for (const { name } of resource.info.subresources) {
    if (name === "status") {
      const rules = statusRules(resource.strategy);
      subresources[name] = servePart(resource, encodings, { subresource: name, rules, mayCreate: false });
    }
    if (name === "scale") subresources[name] = serveScale(resource);
  }
  return { info: resource.info, whole: serveResource(deps, resource, encodings), subresources };
}
