import type { KubeObject, OwnerReference } from "@tskube/api";

export const foregroundFinalizer = "foregroundDeletion";
export const orphanFinalizer = "orphan";

/** Who an object is, as references say it. */
export interface Identity {
  readonly uid: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
}

/** One object, or what references say of one that no watch has shown. */
export interface GraphNode {
  identity: Identity;
  owners: readonly OwnerReference[];
  readonly dependents: Set<GraphNode>;
  /** Known by reference only. */
  isVirtual: boolean;
  isBeingDeleted: boolean;
  /** It waits until what blocks its deletion is gone. */
  isDeletingDependents: boolean;
}

/** What is to be looked at because of a change. */
export type Task =
  /** An object that may have lost its owners, or waits for dependents. */
  | { readonly kind: "collect"; readonly uid: string }
  /** An owner that is known by reference: does it exist? */
  | { readonly kind: "verify"; readonly uid: string }
  /** An object whose dependents are to stay. */
  | { readonly kind: "orphan"; readonly uid: string };

/**
 * Who owns whom among all objects of the cluster. Fed with watch events, answers which objects to look at. It decides nothing: a decision
 * needs the server, for the graph may be behind.
 */
export class OwnerGraph {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #task: (task: Task) => void;

  constructor(task: (task: Task) => void) {
    this.#task = task;
  }

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** Takes an object as a watch shows it, new or changed. */
  observe(object: KubeObject): void {
    const { uid, ownerReferences = [] } = object.metadata;
    if (!uid) return;
    const node = this.#nodes.get(uid) ?? this.#insert(identityOf(object), false);
    if (node.isVirtual) {
      node.isVirtual = false;
      node.identity = identityOf(object);
    }
    this.#relink(node, ownerReferences);
    this.#followDeletion(node, object);
  }

  /** Takes an object's end. Its dependents, and owners that waited for it, are to be looked at. */
  remove(uid: string): void {
    const node = this.#nodes.get(uid);
    if (!node) return;
    this.#nodes.delete(uid);
    for (const { uid: owner } of node.owners) {
      const known = this.#nodes.get(owner);
      known?.dependents.delete(node);
      if (known?.isVirtual && known.dependents.size === 0) this.#nodes.delete(owner);
      else if (known?.isDeletingDependents) this.#collect(known);
    }
    for (const dependent of node.dependents) this.#collect(dependent);
    // They still name it: should it come back to life, or be asked for, it is there by reference.
    if (node.dependents.size > 0) this.#orphaned(node);
  }

  #orphaned(node: GraphNode): void {
    const { identity, dependents } = node;
    const left = this.#insert(identity, true);
    for (const dependent of dependents) left.dependents.add(dependent);
  }

  #insert(identity: Identity, isVirtual: boolean): GraphNode {
    const node: GraphNode = {
      identity,
      owners: [],
      dependents: new Set(),
      isVirtual,
      isBeingDeleted: false,
      isDeletingDependents: false,
    };
    this.#nodes.set(identity.uid, node);
    return node;
  }

  #relink(node: GraphNode, owners: readonly OwnerReference[]): void {
    const before = node.owners;
    node.owners = owners;
    for (const old of before) {
      const now = owners.find(({ uid }) => uid === old.uid);
      const owner = this.#nodes.get(old.uid);
      if (!now) owner?.dependents.delete(node);
      const unblocks = old.blockOwnerDeletion && !now?.blockOwnerDeletion;
      if (unblocks && owner?.isDeletingDependents) this.#collect(owner);
    }
    for (const reference of owners) {
      if (before.some(({ uid }) => uid === reference.uid)) continue;
      this.#link(node, reference);
    }
    const lostOne = before.some((old) => !owners.some(({ uid }) => uid === old.uid));
    if (lostOne && owners.length > 0) this.#collect(node);
  }

  #link(node: GraphNode, { uid, apiVersion, kind, name }: OwnerReference): void {
    const known = this.#nodes.get(uid);
    const owner = known ?? this.#insert({ uid, apiVersion, kind, name, namespace: node.identity.namespace }, true);
    owner.dependents.add(node);
    if (owner.isVirtual) this.#task({ kind: "verify", uid });
    // Came after its owner began to wait for dependents: it is to go as well.
    if (owner.isDeletingDependents) this.#collect(node);
  }

  #followDeletion(node: GraphNode, { metadata }: KubeObject): void {
    if (!metadata.deletionTimestamp) return;
    const finalizers = metadata.finalizers ?? [];
    node.isBeingDeleted = true;
    if (finalizers.includes(orphanFinalizer)) this.#task({ kind: "orphan", uid: node.identity.uid });
    if (!finalizers.includes(foregroundFinalizer) || node.isDeletingDependents) return;
    node.isDeletingDependents = true;
    for (const dependent of node.dependents) this.#collect(dependent);
    this.#collect(node);
  }

  #collect(node: GraphNode): void {
    this.#task({ kind: "collect", uid: node.identity.uid });
  }
}

/** The dependents that keep `owner` from going. */
export function blockingDependents(owner: GraphNode): GraphNode[] {
  return [...owner.dependents].filter(({ owners }) =>
    owners.some(({ uid, blockOwnerDeletion }) => uid === owner.identity.uid && blockOwnerDeletion === true),
  );
}

export function identityOf({ apiVersion, kind, metadata }: KubeObject): Identity {
  return { uid: metadata.uid ?? "", apiVersion, kind, name: metadata.name, namespace: metadata.namespace };
}
