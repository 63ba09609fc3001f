import type { GroupInfo, ResourceInfo, VersionInfo } from "@tskube/api";
import { compareVersions } from "../apiextensions/custom-resources/group-infos.ts";

/** A group's version that another server answers for, as far as it is known here. */
export interface RemoteVersion {
  readonly group: string;
  readonly version: string;
  readonly priorities: { readonly group: number; readonly version: number };
  /** Entries of apidiscovery.k8s.io/v2. */
  readonly resources: readonly object[];
  /** Whether the server answered when it was last asked. */
  readonly isStale: boolean;
}

export interface ServedVersion {
  readonly version: string;
  readonly resources: readonly object[];
  readonly isStale: boolean;
}

/** A group as discovery shows it, its preferred version first. */
export interface ServedGroup {
  readonly name: string;
  readonly versions: readonly ServedVersion[];
}

interface Ranked extends ServedVersion {
  readonly group: string;
  readonly priorities: RemoteVersion["priorities"];
}

/** All groups in the order of discovery. What another server answers for takes the place of what this one would. */
export function servedGroups(local: readonly GroupInfo[], remote: readonly RemoteVersion[]): ServedGroup[] {
  const taken = new Set(remote.map(({ group, version }) => `${group}/${version}`));
  const own = local.flatMap((group) => localVersions(group)).filter((one) => !taken.has(`${one.group}/${one.version}`));
  const byGroup = new Map<string, Ranked[]>();
  for (const version of [...own, ...remote]) {
    const versions = byGroup.get(version.group);
    if (versions) versions.push(version);
    else byGroup.set(version.group, [version]);
  }
  return [...byGroup]
    .map(([name, versions]) => ({ name, versions, priority: Math.max(...versions.map((one) => one.priorities.group)) }))
    .sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1))
    .map(({ name, versions }) => ({ name, versions: versions.sort(byPreference) }));
}

function byPreference(a: Ranked, b: Ranked): number {
  return b.priorities.version - a.priorities.version || compareVersions(a.version, b.version);
}

/** Only versions and resources that are switched on. */
function localVersions(group: GroupInfo): Ranked[] {
  return group.versions
    .filter(({ servedByDefault, resources }) => servedByDefault && resources.length > 0)
    .map((version) => ({
      group: group.name,
      version: version.version,
      priorities: { group: group.priority, version: version.priority },
      resources: entriesOf(version),
      isStale: false,
    }));
}

const entries = new WeakMap<VersionInfo, readonly object[]>();

/** What a version has does not change; what it looks like in discovery is made once. */
function entriesOf(version: VersionInfo): readonly object[] {
  let made = entries.get(version);
  if (!made) {
    made = version.resources.map(discoveryEntry);
    entries.set(version, made);
  }
  return made;
}

/** A resource as apidiscovery.k8s.io/v2 has it. */
function discoveryEntry(info: ResourceInfo): object {
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
