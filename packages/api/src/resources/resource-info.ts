import type { GroupVersion, GroupVersionKind } from "@tskube/apimachinery";

export type Verb = "create" | "delete" | "deletecollection" | "get" | "list" | "patch" | "update" | "watch";

/** A path below a resource's objects: `status`, `scale`, `pods/exec`. */
export interface SubresourceInfo {
  readonly name: string;
  /** What its requests and answers carry; its group and version differ from the resource's for `scale`, `eviction` and `token`. */
  readonly kind: GroupVersionKind;
  readonly verbs: readonly Verb[];
}

/** A resource in one of its versions, with all that discovery says of it. */
export interface ResourceInfo {
  readonly group: string;
  readonly version: string;
  /** The plural in the path: `deployments`. */
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  /** Kind of a list; empty for what cannot be listed. */
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly Verb[];
  readonly subresources: readonly SubresourceInfo[];
  /** The form in which objects are stored, whichever version they come in; absent for what is never stored. */
  readonly storage?: GroupVersion;
  /** Served unless `--runtime-config` says otherwise. */
  readonly servedByDefault: boolean;
}

/** A group with its versions, the preferred first. */
export interface GroupInfo {
  readonly name: string;
  /** As in the group's APIServices: higher comes first in discovery. */
  readonly priority: number;
  readonly versions: readonly VersionInfo[];
}

export interface VersionInfo {
  readonly group: string;
  readonly version: string;
  readonly priority: number;
  readonly servedByDefault: boolean;
  readonly resources: readonly ResourceInfo[];
}
