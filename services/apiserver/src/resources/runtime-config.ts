import { type GroupInfo, type ResourceInfo, resources } from "@tskube/api";
import { formatGroupVersion } from "@tskube/apimachinery";

type VersionInfo = GroupInfo["versions"][number];

/**
 * The built-in groups with what `--runtime-config` switches on and off: `GROUP/VERSION=true`, `GROUP/VERSION/RESOURCE=false`, `api/all`, `api/ga`,
 * `api/beta` and `api/alpha`. What is narrower wins. Throws for what names nothing.
 */
export function servedGroups(settings: readonly string[]): readonly GroupInfo[] {
  if (settings.length === 0) return resources.groups;
  const switches = new Map(settings.map(parseSetting));
  for (const name of switches.keys())
    if (!isKnown(name)) throw new Error(`unknown API version or group ${name} in --runtime-config`);
  return resources.groups.map((group) => ({
    ...group,
    versions: group.versions.map((version) => switchedVersion(version, switches)),
  }));
}

function parseSetting(setting: string): readonly [name: string, isOn: boolean] {
  const [name = "", value = "true"] = setting.split("=");
  if (!["true", "false"].includes(value)) throw new Error(`--runtime-config ${setting} is neither true nor false`);
  return [name, value === "true"];
}

function isKnown(name: string): boolean {
  if (name.startsWith("api/") || name === "v1") return ["v1", ...levels.map((level) => `api/${level}`)].includes(name);
  const versions = resources.groups.flatMap((group) => group.versions);
  return versions.some(
    (version) => name === formatGroupVersion(version) || version.resources.some((info) => name === resourceName(info)),
  );
}

const levels = ["all", "ga", "beta", "alpha"];

function switchedVersion(version: VersionInfo, switches: ReadonlyMap<string, boolean>): VersionInfo {
  const own = switches.get(formatGroupVersion(version));
  const isOn = own ?? switches.get(`api/${levelOf(version)}`) ?? switches.get("api/all") ?? version.servedByDefault;
  const all = version.resources.map((info) => ({ ...info, servedByDefault: switches.get(resourceName(info)) ?? isOn }));
  const served = all.filter((info) => info.servedByDefault);
  return { ...version, servedByDefault: served.length > 0, resources: served };
}

function levelOf({ version }: VersionInfo): string {
  return /alpha|beta/.exec(version)?.[0] ?? "ga";
}

function resourceName(info: ResourceInfo): string {
  return `${formatGroupVersion(info)}/${info.resource}`;
}
