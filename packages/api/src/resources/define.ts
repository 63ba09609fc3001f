import type { GroupVersion, GroupVersionKind } from "@tskube/apimachinery";
import type { GroupInfo, ResourceInfo, SubresourceInfo, Verb, VersionInfo } from "./resource-info.ts";

/** How a group's file writes a resource; what is left out follows from the rest. */
export interface ResourceDefinition {
  readonly resource: string;
  readonly kind: string;
  readonly scope: "Namespaced" | "Cluster";
  /** Defaults to the kind in lower case. */
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Defaults to all verbs; `["create"]` alone makes it a review, which is answered and never stored. */
  readonly verbs?: readonly Verb[];
  readonly subresources?: readonly SubresourceDefinition[];
  /** Defaults to the version where it is defined. */
  readonly storage?: GroupVersion;
}

export interface SubresourceDefinition {
  readonly name: string;
  /** Defaults to the resource's own kind; a bare name stands in the resource's group version. */
  readonly kind?: string | GroupVersionKind;
  readonly verbs: readonly Verb[];
}

export interface VersionDefinition {
  readonly priority?: number;
  readonly servedByDefault?: boolean;
  readonly resources: readonly ResourceDefinition[];
}

/** What nearly every stored resource offers. */
export const allVerbs: readonly Verb[] = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
];

const changeVerbs: readonly Verb[] = ["get", "patch", "update"];
export const proxyVerbs: readonly Verb[] = ["create", "delete", "get", "patch", "update"];

export const status: SubresourceDefinition = { name: "status", verbs: changeVerbs };
export const scale: SubresourceDefinition = {
  name: "scale",
  kind: { group: "autoscaling", version: "v1", kind: "Scale" },
  verbs: changeVerbs,
};

/** A subresource in the resource's own kind that is read and changed. */
export function partOf(name: string): SubresourceDefinition {
  return { name, verbs: changeVerbs };
}

/** A group with its versions in order of preference. */
export function defineGroup(
  name: string,
  priority: number,
  versions: Readonly<Record<string, VersionDefinition>>,
): GroupInfo {
  return {
    name,
    priority,
    versions: Object.entries(versions).map(([version, definition]) => defineVersion(name, version, definition)),
  };
}

function defineVersion(group: string, version: string, definition: VersionDefinition): VersionInfo {
  const servedByDefault = definition.servedByDefault ?? !/alpha|beta/.test(version);
  const resources = definition.resources.map((resource) => ({
    ...defineResource({ group, version }, resource),
    servedByDefault,
  }));
  return { group, version, priority: definition.priority ?? 15, servedByDefault, resources };
}

function defineResource(at: GroupVersion, definition: ResourceDefinition): Omit<ResourceInfo, "servedByDefault"> {
  const verbs = definition.verbs ?? allVerbs;
  const isStored = verbs.includes("update");
  return {
    ...at,
    resource: definition.resource,
    singular: definition.singular ?? definition.kind.toLowerCase(),
    kind: definition.kind,
    listKind: verbs.includes("list") ? `${definition.kind}List` : "",
    namespaced: definition.scope === "Namespaced",
    shortNames: definition.shortNames ?? [],
    categories: definition.categories ?? [],
    verbs,
    subresources: (definition.subresources ?? []).map((sub) => defineSubresource(at, definition.kind, sub)),
    ...(isStored ? { storage: definition.storage ?? at } : {}),
  };
}

function defineSubresource(at: GroupVersion, ownKind: string, definition: SubresourceDefinition): SubresourceInfo {
  const kind = definition.kind ?? ownKind;
  return {
    name: definition.name,
    kind: typeof kind === "string" ? { ...at, kind } : kind,
    verbs: definition.verbs,
  };
}
