import type { KubeObject } from "@tskube/api";

/** The values under which an object stands in an index. */
export type Indexer<T> = (object: T) => readonly string[];
export type Indexers<T> = Readonly<Record<string, Indexer<T>>>;

/** Indexes that every store can answer; each is built when it is first asked for. */
export const standardIndexers = {
  namespace: (object: KubeObject) => [object.metadata.namespace ?? ""],
  /** By the uid of every owner. */
  owner: (object: KubeObject) => object.metadata.ownerReferences?.map((ref) => ref.uid ?? "") ?? [],
  /** By the uid of the owner that is its controller. */
  controller: (object: KubeObject) =>
    object.metadata.ownerReferences?.filter((ref) => ref.controller === true).map((ref) => ref.uid ?? "") ?? [],
  /** By the node a pod is bound to. */
  node: (object: KubeObject) => {
    const { spec } = object as { readonly spec?: { readonly nodeName?: string } };
    return spec?.nodeName ? [spec.nodeName] : [];
  },
} satisfies Indexers<KubeObject>;
