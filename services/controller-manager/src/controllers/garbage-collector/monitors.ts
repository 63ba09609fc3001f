import type { KubeObject } from "@tskube/api";
import type { Clock, Logger } from "@tskube/base";
import { type Client, createInformer, type Informers, type KindName, kinds } from "@tskube/client";
import { type DiscoveredResource, type Discovery, supports } from "../../discovery/discover.ts";

export interface MonitorDeps {
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Watcher {
  observe(object: KubeObject): void;
  remove(object: KubeObject): void;
}

/** Events own nothing and are owned by nobody, and there are many. */
const ignored = new Set(["events.", "events.events.k8s.io"]);
const shared = new Map(
  Object.values(kinds).map((info) => [`${info.group}/${info.version}/${info.resource}`, info.kind as KindName]),
);

/** What the collector needs of an object. All else is dropped before it is kept. */
export function ownershipOnly(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, ownerReferences, finalizers, deletionTimestamp } = object.metadata;
  const { apiVersion, kind } = object;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace && { namespace }),
      uid,
      resourceVersion,
      ...(ownerReferences && { ownerReferences }),
      ...(finalizers && { finalizers }),
      ...(deletionTimestamp && { deletionTimestamp }),
    },
  };
}

/** Watches every resource that can be deleted: by the program's shared informers where it has them, else by its own, which end with the resource. */
export class Monitors {
  readonly #running = new Map<string, () => void>();
  readonly #deps: MonitorDeps;
  readonly #watcher: Watcher;

  constructor(deps: MonitorDeps, watcher: Watcher) {
    this.#deps = deps;
    this.#watcher = watcher;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Starts watching what is new and stops what is gone. Groups that could not be asked keep their watches. */
  sync({ resources, failed }: Discovery, signal: AbortSignal): void {
    const wanted = new Map(resources.filter(isDeletable).map((one) => [idOf(one), one]));
    for (const [id, stop] of this.#running) {
      const isUnknown = failed.some((apiVersion) =>
        id.startsWith(`${apiVersion.includes("/") ? "" : "/"}${apiVersion}/`),
      );
      if (wanted.has(id) || isUnknown) continue;
      stop();
      this.#running.delete(id);
    }
    for (const [id, resource] of wanted) {
      if (!this.#running.has(id)) this.#running.set(id, this.#start(resource, signal));
    }
  }

  #start(resource: DiscoveredResource, signal: AbortSignal): () => void {
    const handler = {
      add: (object: KubeObject) => this.#watcher.observe(typed(object, resource)),
      update: (_: KubeObject, object: KubeObject) => this.#watcher.observe(typed(object, resource)),
      delete: (object: KubeObject) => this.#watcher.remove(object),
    };
    const { client, informers, clock, logger } = this.#deps;
    const kind = shared.get(idOf(resource));
    if (kind) return informers.dynamic<KubeObject>(kinds[kind], {}, { transform: ownershipOnly }).on(handler);
    const ending = new AbortController();
    const informer = createInformer<KubeObject>(
      { source: client.resource(resource), clock, logger },
      { transform: ownershipOnly },
    );
    const remove = informer.on(handler);
    void informer.run(AbortSignal.any([signal, ending.signal]));
    return () => {
      remove();
      ending.abort();
    };
  }
}

/** Lists leave out the type of their items. */
function typed(object: KubeObject, { group, version, kind }: DiscoveredResource): KubeObject {
  if (object.apiVersion && object.kind) return object;
  return { ...object, apiVersion: group === "" ? version : `${group}/${version}`, kind };
}

function isDeletable(resource: DiscoveredResource): boolean {
  return supports(resource, "delete", "list", "watch") && !ignored.has(`${resource.resource}.${resource.group}`);
}

function idOf({ group, version, resource }: DiscoveredResource | (typeof kinds)[KindName]): string {
  return `${group}/${version}/${resource}`;
}
