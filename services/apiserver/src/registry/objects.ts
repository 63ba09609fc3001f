import type { KubeObject } from "@tskube/api";

/** A resource of the API by group and plural name; the version is the stored one. */
export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

export type ObjectChange<T> =
  | { readonly type: "ADDED" | "MODIFIED"; readonly object: T; readonly old: T | undefined }
  | { readonly type: "DELETED"; readonly object: T };

/** A resource's objects as the watch cache has them: what authorizers and admission plugins read, without a store access. Shared and read-only. */
export interface ObjectReader<T extends KubeObject = KubeObject> {
  /** `namespace` is empty for cluster-scoped resources. */
  get(namespace: string, name: string): T | undefined;
  /** All objects, or those of one namespace. */
  list(namespace?: string): readonly T[];
  /** Calls `listener` for every object there is and then for every change; the returned function ends that. */
  subscribe(listener: (change: ObjectChange<T>) => void): () => void;
  /** Resolves once the cache holds everything the store held when it was asked. */
  fresh(): Promise<void>;
}

/** The apiserver's own way to its objects, past HTTP, authentication and authorization but through admission, validation and storage. */
export interface LocalObjects {
  reader<T extends KubeObject = KubeObject>(resource: GroupResource): ObjectReader<T>;
  /** Read from the store itself; throws `notFound`. */
  get<T extends KubeObject>(resource: GroupResource, namespace: string, name: string): Promise<T>;
  create<T extends KubeObject>(resource: GroupResource, namespace: string, object: T): Promise<T>;
  /** Compare-and-swap on the object's resourceVersion when it has one. */
  update<T extends KubeObject>(resource: GroupResource, namespace: string, object: T): Promise<T>;
  updateStatus<T extends KubeObject>(resource: GroupResource, namespace: string, object: T): Promise<T>;
  delete(
    resource: GroupResource,
    namespace: string,
    name: string,
    options?: { readonly uid?: string; readonly gracePeriodSeconds?: number },
  ): Promise<void>;
}
