import { setMaxListeners } from "node:events";
import type { apiextensionsV1, GroupInfo, ResourceInfo } from "@tskube/api";
import type { Clock, Logger } from "@tskube/base";
import type { Store } from "@tskube/store";
import type { Handler } from "../http/context.ts";
import type { AdmissionChain } from "../registry/admission-chain.ts";
import type { LocalObjects } from "../registry/objects.ts";
import type { Catalog } from "../resources/catalog.ts";
import { type RouteDeps, routeOf } from "../resources/route-resources.ts";
import { noSuchResource, type ResourceRouter, type Route } from "../resources/router.ts";
import { createConverters } from "./conversion-webhook/create-converters.ts";
import { CustomResources, type PublishedVersion, type ServingPlace } from "./custom-resources/custom-resources.ts";
import { withCustomResources } from "./custom-resources/group-infos.ts";
import { LazyResource } from "./custom-resources/lazy-resource.ts";
import { runDefinitions } from "./definitions/run-definitions.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;

export interface CustomApiDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly admission: AdmissionChain;
  readonly objects: LocalObjects;
  readonly catalog: Catalog;
  readonly router: ResourceRouter;
  readonly routes: RouteDeps;
  readonly onWatchEvents: (info: ResourceInfo, events: number) => void;
  /** The built-in groups, as far as they are served. */
  readonly builtIn: readonly GroupInfo[];
}

/** All that custom resources add to the server. */
export interface CustomApi {
  /** The groups that discovery shows, built-in ones too; another list whenever they change. */
  groups(): readonly GroupInfo[];
  versions(): readonly PublishedVersion[];
  close(): Promise<void>;
}

/** Follows the CustomResourceDefinitions: each is served, settled and emptied as long as the server runs. */
export function openCustomApi(deps: CustomApiDeps): CustomApi {
  const definitions = deps.objects.reader<Definition>({
    group: "apiextensions.k8s.io",
    resource: "customresourcedefinitions",
  });
  const converters = createConverters(deps);
  const custom = new CustomResources({
    ...deps,
    place: servingPlace(deps),
    definitionOf: (name) => definitions.get("", name),
    converterOf: converters.of,
  });
  const stopControllers = runDefinitions({ ...deps, serving: custom });
  let madeOf: readonly ResourceInfo[] | undefined;
  let groups: readonly GroupInfo[] = deps.builtIn;
  return {
    groups() {
      if (madeOf !== custom.infos) [madeOf, groups] = [custom.infos, withCustomResources(deps.builtIn, custom.infos)];
      return groups;
    },
    versions: () => custom.versions,
    async close() {
      await stopControllers();
      await custom.close();
      converters.close();
    },
  };
}

/** Puts a resource where requests and plugins find it; a resource that is there already, a built-in one, is never replaced. */
function servingPlace({ catalog, router, routes }: CustomApiDeps): ServingPlace {
  return {
    add(info, open, draining, wrap) {
      if (catalog.find(info)) return () => {};
      const resource = new LazyResource(info, () => open().served);
      const route = lazyRoute(info, () => {
        const { served, store } = open();
        const signal = AbortSignal.any([routes.draining, draining]);
        setMaxListeners(0, signal);
        return wrap(routeOf({ ...routes, store, draining: signal }, served));
      });
      catalog.add(resource);
      router.add(route);
      return () => {
        catalog.remove(resource);
        router.remove(route);
      };
    },
  };
}

/** A route that is made when the first request takes it. */
function lazyRoute(info: ResourceInfo, make: () => Route): Route {
  let made: Route | undefined;
  const route = () => {
    made ??= make();
    return made;
  };
  const subresources = info.subresources.map(({ name }): [string, Handler] => [
    name,
    (context) => {
      const handler = route().subresources[name];
      if (!handler) throw noSuchResource();
      return handler(context);
    },
  ]);
  return { info, whole: (context) => route().whole(context), subresources: Object.fromEntries(subresources) };
}
