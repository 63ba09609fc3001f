import type { GroupVersion, GroupVersionKind, GroupVersionResource } from "@tskube/apimachinery";
import * as access from "./groups/access.ts";
import { core } from "./groups/core.ts";
import * as extension from "./groups/extension.ts";
import * as network from "./groups/network.ts";
import * as nodes from "./groups/nodes.ts";
import * as workloads from "./groups/workloads.ts";
import type { GroupInfo, ResourceInfo, VersionInfo } from "./resource-info.ts";

export { allVerbs } from "./define.ts";
export type { GroupInfo, ResourceInfo, SubresourceInfo, Verb, VersionInfo } from "./resource-info.ts";
export { storageVersionHash } from "./storage-version-hash.ts";

/** The groups in the order of discovery. */
export const apiGroups: readonly GroupInfo[] = [
  core,
  extension.apiregistration,
  workloads.apps,
  workloads.events,
  access.authentication,
  access.authorization,
  workloads.autoscaling,
  workloads.batch,
  access.certificates,
  network.networking,
  workloads.policy,
  access.rbac,
  nodes.storage,
  extension.admissionregistration,
  extension.apiextensions,
  workloads.scheduling,
  nodes.coordination,
  nodes.node,
  network.discovery,
  nodes.resource,
  extension.flowcontrol,
  extension.storagemigration,
];

/** What the built-in API serves: lookups over its groups, by whatever a caller has in hand. */
export class ResourceRegistry {
  readonly #byResource = new Map<string, ResourceInfo>();
  readonly #byKind = new Map<string, ResourceInfo>();
  readonly #versions = new Map<string, VersionInfo>();
  readonly groups: readonly GroupInfo[];

  constructor(all: readonly GroupInfo[]) {
    this.groups = all;
    for (const version of all.flatMap((group) => group.versions)) {
      this.#versions.set(key(version), version);
      for (const info of version.resources) {
        this.#byResource.set(key(version, info.resource), info);
        this.#byKind.set(key(version, info.kind), info);
      }
    }
  }

  byResource(gvr: GroupVersionResource): ResourceInfo | undefined {
    return this.#byResource.get(key(gvr, gvr.resource));
  }

  /** The resource whose objects are of this kind; kinds that only subresources carry (Scale, Eviction) have none. */
  byKind(gvk: GroupVersionKind): ResourceInfo | undefined {
    return this.#byKind.get(key(gvk, gvk.kind));
  }

  groupVersion(gv: GroupVersion): VersionInfo | undefined {
    return this.#versions.get(key(gv));
  }

  /** A group's resource in its preferred version that is served by default, or in the most preferred one at all. */
  preferred(group: string, resource: string): ResourceInfo | undefined {
    const versions = this.groups.find(({ name }) => name === group)?.versions ?? [];
    const found = versions.flatMap((version) => version.resources.filter((info) => info.resource === resource));
    return found.find((info) => info.servedByDefault) ?? found[0];
  }

  /** Every resource in every version, in the order of discovery. */
  all(): ResourceInfo[] {
    return this.groups.flatMap((group) => group.versions.flatMap((version) => version.resources));
  }
}

function key({ group, version }: GroupVersion, name = ""): string {
  return `${group}/${version}/${name}`;
}

export const resources = new ResourceRegistry(apiGroups);
