import type { GroupInfo, ResourceInfo } from "@tskube/api";

const customPriority = 1000;
const customVersionPriority = 100;

/** Groups as discovery has them: the built-in ones with what custom resources add, then the groups that only custom resources are in. */
export function withCustomResources(builtIn: readonly GroupInfo[], custom: readonly ResourceInfo[]): GroupInfo[] {
  const names = new Set(builtIn.map(({ name }) => name));
  const added = [...new Set(custom.map(({ group }) => group))].filter((name) => !names.has(name)).sort();
  const all = [...builtIn, ...added.map((name): GroupInfo => ({ name, priority: customPriority, versions: [] }))];
  return all.map((group) => {
    const own = custom.filter((info) => info.group === group.name);
    return own.length === 0 ? group : withResources(group, own);
  });
}

function withResources(group: GroupInfo, custom: readonly ResourceInfo[]): GroupInfo {
  const byVersion = (name: string) =>
    custom.filter(({ version }) => version === name).sort((a, b) => (a.resource < b.resource ? -1 : 1));
  const known = group.versions.map((version) => {
    const own = byVersion(version.version);
    return own.length === 0
      ? version
      : { ...version, servedByDefault: true, resources: [...version.resources, ...own] };
  });
  const knownNames = new Set(group.versions.map(({ version }) => version));
  const more = [...new Set(custom.map(({ version }) => version))]
    .filter((version) => !knownNames.has(version))
    .sort(compareVersions)
    .map((version) => ({
      group: group.name,
      version,
      priority: customVersionPriority,
      servedByDefault: true,
      resources: byVersion(version),
    }));
  return { ...group, versions: [...known, ...more] };
}

/** Stable versions before beta before alpha, newer ones first; whatever is no version comes last, by its letters. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [versionParts(a), versionParts(b)];
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : 1;
  for (let at = 0; at < left.length; at++) {
    const difference = (right[at] ?? 0) - (left[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const stages: Readonly<Record<string, number>> = { alpha: 0, beta: 1 };

function versionParts(version: string): number[] | undefined {
  const match = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version);
  return match ? [stages[match[2] ?? ""] ?? 2, Number(match[1]), Number(match[3] ?? 0)] : undefined;
}
