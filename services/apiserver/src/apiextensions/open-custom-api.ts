import { type GroupInfo, type ResourceInfo, resources } from "@tskube/api";
import type { Clock, Logger } from "@tskube/base";
import type { Store } from "@tskube/store";
import type { AdmissionChain } from "../registry/admission-chain.ts";
import type { LocalObjects } from "../registry/objects.ts";
import type { Catalog } from "../resources/catalog.ts";
import { type RouteDeps, routeOf } from "../resources/route-resources.ts";
import type { ResourceRouter } from "../resources/router.ts";
import { createWebhookClient } from "../webhook-client/index.ts";
import { createConverter } from "./conversion-webhook/create-converter.ts";
import { CustomResources, type ServingPlace } from "./custom-resources/custom-resources.ts";
import { withCustomResources } from "./custom-resources/group-infos.ts";
import type { CustomVersion } from "./custom-resources/version.ts";
import { runDefinitions } from "./definitions/run-definitions.ts";

export interface CustomApiDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly admission: AdmissionChain;
  readonly objects: LocalObjects;
  readonly catalog: Catalog;
  readonly router: ResourceRouter;
  readonly routes: RouteDeps;
  readonly onWatchEvents: (info: ResourceInfo, events: number) => void;
}

/** All that custom resources add to the server. */
export interface CustomApi {
  /** The groups that discovery shows, built-in ones too; another list whenever they change. */
  groups(): readonly GroupInfo[];
  versions(): readonly CustomVersion[];
  close(): Promise<void>;
}

const clientOptions = { userAgent: "kube-apiserver-conversion", maxAnswerBytes: 128 * 1024 * 1024 };

/** Follows the CustomResourceDefinitions: each is served, settled and emptied as long as the server runs. */
export function openCustomApi(deps: CustomApiDeps): CustomApi {
  const webhooks = createWebhookClient(clientOptions, { objects: deps.objects, random: deps.routes.random });
  const custom = new CustomResources({
    ...deps,
    place: servingPlace(deps),
    converterOf: (definition) => createConverter(definition, { webhooks }),
  });
  const stopControllers = runDefinitions({ ...deps, serving: custom });
  let madeOf: readonly ResourceInfo[] | undefined;
  let groups: readonly GroupInfo[] = resources.groups;
  return {
    groups() {
      if (madeOf !== custom.infos)
        [madeOf, groups] = [custom.infos, withCustomResources(resources.groups, custom.infos)];
      return groups;
    },
    versions: () => custom.versions,
    async close() {
      await stopControllers();
      await custom.close();
      webhooks.close();
    },
  };
}

/** Puts a resource where requests and plugins find it; a resource that is there already, a built-in one, is never replaced. */
function servingPlace({ catalog, router, routes, store: whole }: CustomApiDeps): ServingPlace {
  return {
    add(resource, store, draining, wrap) {
      if (catalog.find(resource.info)) return () => {};
      const own = { ...routes, store: store ?? whole, draining: AbortSignal.any([routes.draining, draining]) };
      const route = wrap(routeOf(own, resource));
      catalog.add(resource);
      router.add(route);
      return () => {
        catalog.remove(resource);
        router.remove(route);
      };
    },
  };
}
