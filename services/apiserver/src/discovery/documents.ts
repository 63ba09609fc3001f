import { createHash } from "node:crypto";
import { type GroupInfo, type ResourceInfo, storageVersionHash } from "@tskube/api";
import { formatGroupVersion } from "@tskube/apimachinery";
import type { ServedGroup } from "./served-groups.ts";

/** `/api`. */
export function apiVersions(serverAddress: string): object {
  return {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress }],
  };
}

/** `/apis`. */
export function apiGroupList(groups: readonly ServedGroup[]): object {
  const named = groups.filter((group) => group.name !== "");
  return { kind: "APIGroupList", apiVersion: "v1", groups: named.map(groupEntry) };
}

/** `/apis/GROUP`, undefined for a group that is not served. */
export function apiGroup(groups: readonly ServedGroup[], name: string): object | undefined {
  const group = groups.find((one) => one.name === name && name !== "");
  return group && { kind: "APIGroup", apiVersion: "v1", ...groupEntry(group) };
}

function groupEntry(group: ServedGroup) {
  const versions = group.versions.map(({ version }) => ({ groupVersion: `${group.name}/${version}`, version }));
  return { name: group.name, versions, preferredVersion: versions[0] };
}

/** `/api/v1` and `/apis/GROUP/VERSION`, undefined for a version that this server does not serve. */
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
export function aggregatedDiscovery(all: readonly ServedGroup[], prefix: "api" | "apis"): object {
  const groups = all.filter((group) => (group.name === "") === (prefix === "api"));
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: { creationTimestamp: null, ...(name && { name }) },
      versions: versions.map(({ version, resources, isStale }) => ({
        version,
        resources,
        freshness: isStale ? "Stale" : "Current",
      })),
    })),
  };
}
