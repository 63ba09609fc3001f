import type { KubeObject } from "@tskube/api";
import { deepFreeze } from "@tskube/apimachinery";
import { aborted, type Clock, errorMessage, type Logger } from "@tskube/base";
import { objectKey } from "../object-key.ts";
import type { ResourceInfo } from "../rest/resource.ts";
import type { ResourceClient } from "../rest/resource-client.ts";
import type { Indexers } from "./indexers.ts";
import { createLister, type Lister } from "./lister.ts";
import { ObjectStore } from "./object-store.ts";
import { type ReflectorOptions, type ReflectorSink, runReflector } from "./reflector.ts";

/** What is told about changes. Called in order, from the reading loop: it must return soon and must not write to objects. */
export interface InformerHandler<T> {
  add?(object: T): void;
  update?(old: T, object: T): void;
  delete?(object: T): void;
}

/** A cache of one resource that follows the server. */
export interface Informer<T> {
  readonly info: ResourceInfo;
  readonly lister: Lister<T>;
  /** Whether the whole state has been had once. */
  readonly hasSynced: boolean;
  /** Resolves with `hasSynced`, or when `signal` aborts. */
  synced(signal?: AbortSignal): Promise<void>;
  /** Adds a handler, which is told at once of what is there; the returned function removes it. */
  on(handler: InformerHandler<T>): () => void;
  /** Follows the server until `signal` aborts. Call once. */
  run(signal: AbortSignal): Promise<void>;
}

export interface InformerOptions<T> extends ReflectorOptions {
  readonly indexers?: Indexers<T>;
  /** Reduces objects before they are kept; gets an object nobody else has. */
  readonly transform?: (object: T) => T;
  /** Freezes what is kept, so that tests catch writers. */
  readonly freeze?: boolean;
}

export interface InformerDeps<T extends KubeObject> {
  readonly source: ResourceClient<T>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createInformer<T extends KubeObject>(
  deps: InformerDeps<T>,
  options: InformerOptions<T> = {},
): Informer<T> {
  const { clock, logger, source } = deps;
  const store = new ObjectStore<T>(options.indexers);
  const handlers = new Set<InformerHandler<T>>();
  let hasSynced = false;
  let settle: () => void = () => {};
  const syncedOnce = new Promise<void>((resolve) => {
    settle = resolve;
  });

  const sink: ReflectorSink<T> = {
    replace(objects, resourceVersion) {
      store.resourceVersion = resourceVersion;
      const gone = new Set(store.keys());
      for (const object of objects) {
        gone.delete(objectKey(object));
        put(object);
      }
      for (const key of gone) remove(key);
      hasSynced = true;
      settle();
    },
    change({ type, object }) {
      // Before handlers are told, so that one who waits for its own write finds it seen when its event wakes it.
      store.resourceVersion = object.metadata.resourceVersion;
      if (type === "DELETED") remove(objectKey(object), object);
      else put(object);
    },
    reached(resourceVersion) {
      store.resourceVersion = resourceVersion;
    },
  };

  return {
    info: source.info,
    lister: createLister(store),
    get hasSynced() {
      return hasSynced;
    },
    synced: (signal) => (signal ? Promise.race([syncedOnce, aborted(signal)]) : syncedOnce),
    on(handler) {
      handlers.add(handler);
      for (const object of store.list()) call(() => handler.add?.(object));
      return () => handlers.delete(handler);
    },
    run: (signal) => runReflector({ source, sink, clock, logger }, options, signal),
  };

  function put(received: T): void {
    const key = objectKey(received);
    const old = store.get(key);
    if (old && old.metadata.resourceVersion === received.metadata.resourceVersion) return;
    // The same name with another uid: the deletion in between was missed, and whoever tracks the old object must hear of it.
    if (old && old.metadata.uid !== received.metadata.uid) remove(key);
    const object = prepare(received);
    const replaced = store.get(key);
    store.set(key, object, clock.now());
    tell((handler) => (replaced ? handler.update?.(replaced, object) : handler.add?.(object)));
  }

  /** `last` is the object as it was when deleted, if known; else handlers get it as last seen. */
  function remove(key: string, last?: T): void {
    const old = store.get(key);
    if (!old) return;
    store.delete(key);
    const object = last ? prepare(last) : old;
    tell((handler) => handler.delete?.(object));
  }

  function prepare(object: T): T {
    const kept = options.transform ? options.transform(object) : object;
    return options.freeze ? deepFreeze(kept) : kept;
  }

  function tell(fn: (handler: InformerHandler<T>) => void): void {
    for (const handler of handlers) call(() => fn(handler));
  }

  /** One broken handler must not stop the others, nor the reading. */
  function call(fn: () => void): void {
    try {
      fn();
    } catch (error) {
      logger.error({ resource: source.info.resource, error: errorMessage(error) }, "informer handler failed");
    }
  }
}
