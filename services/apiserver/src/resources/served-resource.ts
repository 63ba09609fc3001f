import type { KubeObject, ResourceInfo } from "@tskube/api";
import type { FieldError } from "@tskube/apimachinery";
import type { FieldManagement } from "../registry/field-management.ts";
import type { ResourceStore } from "../registry/resource-store.ts";
import type { Strategy } from "../registry/strategy.ts";
import type { Broadcaster } from "../watch-cache/broadcaster.ts";
import type { Encoding } from "../watch-cache/encoding.ts";
import type { WatchCache } from "../watch-cache/watch-cache.ts";
import type { KindCodec } from "./kind-codec.ts";
import type { ReplicaAccess } from "./scale.ts";

/** A resource in one version, as requests reach it. The versions of a resource share its store, cache and strategy. */
export interface ServedResource {
  readonly info: ResourceInfo;
  readonly codec: KindCodec;
  readonly store: ResourceStore;
  readonly cache: WatchCache;
  readonly broadcaster: Broadcaster;
  readonly strategy: Strategy;
  /** Objects of the stored version in this one; absent where this is the stored version. Makes a new object. */
  readonly toServed?: (stored: KubeObject) => KubeObject;
  /** The way back. */
  readonly toStored?: (served: KubeObject) => KubeObject;
  /** How this version's clients know the fields; absent where this is the stored version. */
  readonly fields?: FieldManagement;
  /** What this version asks of new objects that the stored one does not. */
  readonly checkNew?: (served: KubeObject) => FieldError[];
  /** Objects of this version in another of the same resource, where versions do not share a store; makes new objects. */
  readonly convert?: ((object: KubeObject, apiVersion: string) => Promise<KubeObject>) | undefined;
  /** How a custom resource's objects are written as JSON; they have no protobuf form. Absent for built-in kinds. */
  readonly customJson?: Encoding | undefined;
  /** What `/scale` reads and writes where that is not `spec.replicas` and its like. */
  readonly replicas?: ReplicaAccess | undefined;
  /** Opened when somebody looks into it: the server is ready without it, and only its `info` may be read without need. */
  readonly isLazy?: boolean;
  /** Whether clients may select by the field. */
  isSelectable(field: string): boolean;
}

/** What of a resource says how its objects are written. */
export type WrittenResource = Pick<ServedResource, "info" | "codec" | "toServed" | "customJson">;

/** The part of an object's key that says where it stands in its resource. */
export function objectKey(namespace: string, name: string): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}

export function keyOf(object: KubeObject): string {
  return objectKey(object.metadata.namespace ?? "", object.metadata.name);
}
