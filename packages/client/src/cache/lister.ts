import type { KubeObject } from "@tskube/api";
import { joinKey } from "../object-key.ts";
import type { ObjectStore } from "./object-store.ts";

/** Whatever can say whether labels match: a parsed label selector. */
export interface LabelMatcher {
  matches(labels: Readonly<Record<string, string>>): boolean;
}

/** Reads an informer's cache. Objects are shared and read-only; copy before changing. */
export interface Lister<T> {
  /** By `namespace/name`, or by name for cluster-scoped objects. */
  get(key: string): T | undefined;
  list(selector?: LabelMatcher): T[];
  /** One namespace's objects. */
  in(namespace: string): NamespaceLister<T>;
  /** By index: `owner`, `controller`, `node`, `namespace` or one given to the informer. */
  by(index: string, value: string): T[];
  keys(): IterableIterator<string>;
  /** When this process last saw the object change, which does not depend on anybody else's clock. */
  changedAt(key: string): number | undefined;
  readonly size: number;
  /** The server's version up to which the cache shows everything; absent before it has synced. */
  readonly resourceVersion: string | undefined;
}

export interface NamespaceLister<T> {
  get(name: string): T | undefined;
  list(selector?: LabelMatcher): T[];
}

export function createLister<T extends KubeObject>(store: ObjectStore<T>): Lister<T> {
  return {
    get: (key) => store.get(key),
    list: (selector) => matching(store.list(), selector),
    in: (namespace) => ({
      get: (name) => store.get(joinKey(namespace, name)),
      list: (selector) => matching(store.by("namespace", namespace), selector),
    }),
    by: (index, value) => store.by(index, value),
    keys: () => store.keys(),
    changedAt: (key) => store.changedAt(key),
    get size() {
      return store.size;
    },
    get resourceVersion() {
      return store.resourceVersion;
    },
  };
}

function matching<T extends KubeObject>(objects: T[], selector: LabelMatcher | undefined): T[] {
  return selector ? objects.filter((object) => selector.matches(object.metadata.labels ?? {})) : objects;
}
