import type { KubeObject } from "@tskube/api";
import type { Logger } from "@tskube/base";
import { apiserverUser } from "../auth/user.ts";
import type { GroupResource, LocalObjects, ObjectChange, ObjectReader } from "../registry/objects.ts";
import type { UpdateRules } from "../registry/strategy.ts";
import type { WriteScope } from "../registry/write-scope.ts";
import type { Entry } from "../watch-cache/entry.ts";
import type { Catalog } from "./catalog.ts";
import { objectKey, type ServedResource } from "./served-resource.ts";
import { statusRules } from "./status-rules.ts";

const freshMs = 10_000;
const fieldManager = "kube-apiserver";

export interface LocalObjectsDeps {
  readonly catalog: Catalog;
  readonly logger: Logger;
}

/** The server's own way to its objects: no HTTP, authentication or authorization, but all of the registry. */
export function createLocalObjects(deps: LocalObjectsDeps): LocalObjects {
  const { catalog } = deps;
  const update = async <T extends KubeObject>(
    resource: ServedResource,
    namespace: string,
    object: T,
    subresource: string,
    rules: UpdateRules<KubeObject>,
  ): Promise<T> => {
    const request = {
      subresource,
      rules,
      mayCreate: false,
      recordsFields: true,
      change: () => structuredClone(object) as KubeObject,
    };
    const { entry } = await resource.store.update(localScope(deps, namespace), object.metadata.name, request);
    return entry.object as T;
  };
  return {
    reader: <T extends KubeObject>(resource: GroupResource) => createReader<T>(catalog.stored(resource)),
    async get<T extends KubeObject>(resource: GroupResource, namespace: string, name: string) {
      return (await catalog.stored(resource).store.read(namespace, name)).object as T;
    },
    async create<T extends KubeObject>(resource: GroupResource, namespace: string, object: T) {
      const served = catalog.stored(resource);
      const copy = served.codec.complete(structuredClone<KubeObject>(object));
      return (await served.store.create(localScope(deps, namespace), copy)).object as T;
    },
    update: (resource, namespace, object) => {
      const served = catalog.stored(resource);
      return update(served, namespace, object, "", served.strategy);
    },
    updateStatus: (resource, namespace, object) => {
      const served = catalog.stored(resource);
      return update(served, namespace, object, "status", statusRules(served.strategy));
    },
    async delete(resource, namespace, name, options = {}) {
      await catalog.stored(resource).store.delete(localScope(deps, namespace), name, options);
    },
  };
}

function localScope({ logger }: LocalObjectsDeps, namespace: string): WriteScope {
  return {
    namespace,
    user: apiserverUser,
    dryRun: false,
    fieldManager,
    options: {},
    signal: AbortSignal.timeout(60_000),
    warn: (message) => logger.debug({ warning: message }, "warning about an object of our own"),
    annotate: () => {},
  };
}

function createReader<T extends KubeObject>({ cache }: ServedResource): ObjectReader<T> {
  return {
    get: (namespace, name) => cache.get(objectKey(namespace, name))?.object as T | undefined,
    list: (namespace) => cache.list(namespace).map((entry) => entry.object as T),
    subscribe: (listener) => subscribe(cache, listener as (change: ObjectChange<KubeObject>) => void),
    async fresh() {
      if (!(await cache.fresh(freshMs))) throw new Error(`cache of ${cache.options.prefix} cannot keep up`);
    },
  };
}

function subscribe(cache: ServedResource["cache"], listener: (change: ObjectChange<KubeObject>) => void): () => void {
  let known = new Map<string, Entry>();
  const tellAll = () => {
    const present = new Map(cache.list().map((entry) => [entry.key, entry]));
    for (const [key, { object }] of known) if (!present.has(key)) listener({ type: "DELETED", object });
    for (const [key, { object, revision }] of present) {
      const old = known.get(key);
      if (old?.revision === revision) continue;
      listener({ type: old ? "MODIFIED" : "ADDED", object, old: old?.object });
    }
    known = present;
  };
  tellAll();
  return cache.listen({
    onBatch(events) {
      for (const { type, entry, previous } of events) {
        if (type === "DELETED") known.delete(entry.key);
        else known.set(entry.key, entry);
        const { object } = entry;
        listener(type === "DELETED" ? { type, object } : { type, object, old: previous?.object });
      }
    },
    onReset: tellAll,
  });
}
