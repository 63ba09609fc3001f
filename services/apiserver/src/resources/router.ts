import type { ResourceInfo } from "@tskube/api";
import { methodNotSupported, notFound, StatusError } from "@tskube/apimachinery";
import type { Handler, RequestContext } from "../http/context.ts";

/** What answers the requests for one resource in one version. */
export interface Route {
  readonly info: ResourceInfo;
  readonly whole: Handler;
  readonly subresources: Readonly<Record<string, Handler>>;
}

/** Finds the handler of a resource request by its group, version, resource and subresource. */
export class ResourceRouter {
  readonly #routes = new Map<string, Route>();

  add(route: Route): void {
    const { group, version, resource } = route.info;
    this.#routes.set(`${group}/${version}/${resource}`, route);
  }

  remove({ info: { group, version, resource } }: Route): void {
    this.#routes.delete(`${group}/${version}/${resource}`);
  }

  /** Whether there is such a resource, and the subresource if one is named. */
  has({ group, version, resource, subresource }: RequestContext["info"]): boolean {
    const route = this.#routes.get(`${group}/${version}/${resource}`);
    return route !== undefined && (subresource === "" || Object.hasOwn(route.subresources, subresource));
  }

  readonly handle: Handler = (context) => {
    const handler = this.#handlerOf(context);
    const { info } = context;
    // To authorization a namespace lies within itself; to the registry it has no namespace.
    const isNamespace = info.resource === "namespaces" && info.group === "" && info.namespace !== "";
    return handler(isNamespace ? { ...context, info: { ...info, namespace: "" } } : context);
  };

  #handlerOf({ info }: RequestContext): Handler {
    const route = this.#routes.get(`${info.group}/${info.version}/${info.resource}`);
    if (!route) throw noSuchResource();
    checkScope(route.info, info);
    if (info.subresource === "") return route.whole;
    const handler = Object.hasOwn(route.subresources, info.subresource)
      ? route.subresources[info.subresource]
      : undefined;
    if (!handler) throw noSuchResource();
    return handler;
  }
}

/** Only lists and watches reach over all namespaces. */
function checkScope(resource: ResourceInfo, info: RequestContext["info"]): void {
  if (!resource.namespaced) {
    if (info.namespace !== "" && resource.resource !== "namespaces") throw noSuchResource();
    return;
  }
  if (info.namespace !== "" || info.verb === "list" || info.verb === "watch") return;
  if (info.name !== "") throw notFound(resource, info.name);
  throw methodNotSupported(resource, info.verb);
}

/** What the URL names does not exist at all, as opposed to an object that does not. */
export function noSuchResource(): StatusError {
  return StatusError.fromStatus({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: "the server could not find the requested resource",
    reason: "NotFound",
    details: {},
    code: 404,
  });
}
