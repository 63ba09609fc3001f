import { createHash } from "node:crypto";
import { type GroupInfo, type ResourceInfo, storageVersionHash, type VersionInfo } from "@tskube/api";
import { formatGroupVersion } from "@tskube/apimachinery";

/** What the server serves of a group: only versions and resources that are switched on. */
function servedVersions(group: GroupInfo): VersionInfo[] {
  return group.versions.filter((version) => version.servedByDefault && version.resources.length > 0);
}

const served = (groups: readonly GroupInfo[]) => groups.filter((group) => servedVersions(group).length > 0);

/** `/api`. */
export function apiVersions(serverAddress: string): object {
  return {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress }],
  };
}

/** `/apis`. */
export function apiGroupList(groups: readonly GroupInfo[]): object {
  const named = served(groups).filter((group) => group.name !== "");
  return { kind: "APIGroupList", apiVersion: "v1", groups: named.map(groupEntry) };
}

/** `/apis/GROUP`, undefined for a group that is not served. */
export function apiGroup(groups: readonly GroupInfo[], name: string): object | undefined {
  const group = served(groups).find((one) => one.name === name && name !== "");
  return group && { kind: "APIGroup", apiVersion: "v1", ...groupEntry(group) };
}

function groupEntry(group: GroupInfo) {
  const versions = servedVersions(group).map((version) => ({
    groupVersion: formatGroupVersion(version),
    version: version.version,
  }));
  return { name: group.name, versions, preferredVersion: versions[0] };
}

/** `/api/v1` and `/apis/GROUP/VERSION`, undefined for a version that is not served. */
export function apiResourceList(groups: readonly GroupInfo[], group: string, version: string): object | undefined {
  const versions = groups.find(({ name }) => name === group)?.versions;
  const info = versions?.find((one) => one.version === version);
  if (!info?.servedByDefault) return undefined;
  const list = info.resources.flatMap((resource) => [resourceEntry(resource), ...subresourceEntries(resource)]);
  list.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion: formatGroupVersion(info), resources: list };
}

function resourceEntry(info: ResourceInfo) {
  const hash = storageVersionHash(info);
  return {
    name: info.resource,
    singularName: info.singular,
    namespaced: info.namespaced,
    kind: info.kind,
    verbs: info.verbs as readonly string[],
    ...(info.shortNames.length > 0 && { shortNames: info.shortNames }),
    ...(info.categories.length > 0 && { categories: info.categories }),
    ...(hash && { storageVersionHash: hash }),
  };
}

function subresourceEntries(info: ResourceInfo) {
  return info.subresources.map(({ name, kind, verbs }) => ({
    name: `${info.resource}/${name}`,
    singularName: "",
    namespaced: info.namespaced,
    ...(formatGroupVersion(kind) !== formatGroupVersion(info) && { group: kind.group, version: kind.version }),
    kind: kind.kind,
    verbs: verbs as readonly string[],
  }));
}

/** A document made once, with the hash that clients ask by. */
export interface CachedDocument {
  readonly body: string;
  readonly etag: string;
}

export function cachedDocument(document: object): CachedDocument {
  const body = JSON.stringify(document);
  return { body, etag: `"${createHash("sha256").update(body).digest("hex").toUpperCase()}"` };
}

/** `/api` or `/apis` with everything below it (apidiscovery.k8s.io/v2). */
export function aggregatedDiscovery(all: readonly GroupInfo[], prefix: "api" | "apis"): object {
  const groups = served(all).filter((group) => (group.name === "") === (prefix === "api"));
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items: groups.map((group) => ({
      metadata: { creationTimestamp: null, ...(group.name && { name: group.name }) },
      versions: servedVersions(group).map((version) => ({
        version: version.version,
        resources: version.resources.map(aggregatedResource),
        freshness: "Current",
      })),
    })),
  };
}

function aggregatedResource(info: ResourceInfo): object {
  return {
    resource: info.resource,
    responseKind: { group: info.group, version: info.version, kind: info.kind },
    scope: info.namespaced ? "Namespaced" : "Cluster",
    singularResource: info.singular,
    verbs: info.verbs,
    ...(info.shortNames.length > 0 && { shortNames: info.shortNames }),
    ...(info.categories.length > 0 && { categories: info.categories }),
    ...(info.subresources.length > 0 && {
      subresources: info.subresources.map(({ name, kind, verbs }) => ({
        subresource: name,
        responseKind: kind,
        verbs,
      })),
    }),
  };
}
