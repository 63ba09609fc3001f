import { setMaxListeners } from "node:events";
import type { KubeObject } from "@tskube/api";
import { aborted, type Clock, type Logger } from "@tskube/base";
import type { Client } from "../client.ts";
import { type KindName, type KindTypes, kinds, type ObjectOf, type PluralOf } from "../kinds.ts";
import { apiVersionOf, type ResourceInfo } from "../rest/resource.ts";
import { createInformer, type Informer, type InformerOptions } from "./informer.ts";
import type { Lister } from "./lister.ts";
import type { Selection } from "./reflector.ts";

/** Which objects of a resource an informer holds. */
export interface InformerScope extends Selection {
  readonly namespace?: string;
}

/** `listers.pods`, `listers.nodes`, …: reading one before `start` registers its informer. */
export type Listers = { readonly [K in KindName as PluralOf<K>]: Lister<KindTypes[K]> };

/** Informers shared by everything in a process: one watch per resource and selection, however many read it. */
export interface Informers {
  /** The informer of a resource and scope; the same one for the same question. Asked for after `start`, it starts at once. */
  for<I extends ResourceInfo>(
    info: I,
    scope?: InformerScope,
    options?: InformerOptions<ObjectOf<I>>,
  ): Informer<ObjectOf<I>>;
  /** For resources known only at run time. */
  dynamic<T extends KubeObject>(info: ResourceInfo, scope?: InformerScope, options?: InformerOptions<T>): Informer<T>;
  readonly listers: Listers;
  /** Starts what was asked for; resolves when all has ended after `signal` aborted. */
  start(signal: AbortSignal): Promise<void>;
  /** Resolves when every informer asked for so far has synced, or `signal` aborts. */
  synced(signal?: AbortSignal): Promise<void>;
}

export interface InformersDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface InformersOptions {
  /** Applied to every informer that does not bring its own; drops managedFields when absent. */
  readonly transform?: (object: KubeObject) => KubeObject;
  /** Freezes cached objects; for tests. */
  readonly freeze?: boolean;
}

export function createInformers(deps: InformersDeps, options: InformersOptions = {}): Informers {
  const known = new Map<string, Informer<KubeObject>>();
  const running = new Set<Promise<void>>();
  const transform = options.transform ?? withoutManagedFields;
  let signal: AbortSignal | undefined;

  function dynamic<T extends KubeObject>(
    info: ResourceInfo,
    scope: InformerScope = {},
    more: InformerOptions<T> = {},
  ): Informer<T> {
    const id = scopeId(info, scope);
    const existing = known.get(id);
    if (existing) return existing as unknown as Informer<T>;
    const { namespace, ...selection } = scope;
    const informer = createInformer<T>(
      { source: deps.client.resource<T>(info, namespace), clock: deps.clock, logger: deps.logger },
      {
        transform: (object) => transform(object) as T,
        freeze: options.freeze ?? false,
        ...selection,
        ...more,
      },
    );
    known.set(id, informer as unknown as Informer<KubeObject>);
    if (signal) launch(informer as unknown as Informer<KubeObject>, signal);
    return informer;
  }

  function launch(informer: Informer<KubeObject>, until: AbortSignal): void {
    const run = informer.run(until).finally(() => running.delete(run));
    running.add(run);
  }

  const self: Informers = {
    for: (info, scope, more) => dynamic(info, scope, more),
    dynamic,
    listers: lazyListers(listerOf),
    async start(until) {
      signal = until;
      setMaxListeners(0, until); // a watch per resource listens: many are no leak
      for (const informer of known.values()) launch(informer, until);
      await aborted(until);
      await Promise.all(running);
    },
    async synced(until) {
      await Promise.all(Array.from(known.values(), (informer) => informer.synced(until)));
    },
  };
  return self;

  function listerOf(kind: KindName): Lister<KubeObject> {
    const info = kinds[kind];
    // A lister made now would be empty for a while, and its reader would take that for the truth.
    if (signal && !known.has(scopeId(info, {})))
      throw new Error(`nothing watches ${info.resource}: name the lister before start`);
    return dynamic(info).lister;
  }
}

/** managedFields are half of many objects and nobody reads them from a cache; the server keeps its own on updates without them. */
export function withoutManagedFields(object: KubeObject): KubeObject {
  delete object.metadata.managedFields;
  return object;
}

function scopeId(info: ResourceInfo, scope: InformerScope): string {
  return JSON.stringify([apiVersionOf(info), info.resource, scope.namespace, scope.labelSelector, scope.fieldSelector]);
}

function lazyListers(listerOf: (kind: KindName) => Lister<KubeObject>): Listers {
  const listers = {};
  for (const [kind, info] of Object.entries(kinds)) {
    Object.defineProperty(listers, info.resource, { enumerable: true, get: () => listerOf(kind as KindName) });
  }
  return listers as Listers;
}
