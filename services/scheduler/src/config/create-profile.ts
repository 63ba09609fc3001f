import type { Handle, PluginDefinition } from "../framework/handle.ts";
import { type Plugin, type PluginAt, type PointName, pointNames, takesPartIn } from "../framework/points.ts";
import { Profile, type ProfilePlugins } from "../framework/profile.ts";
import type { PluginEntry, PluginSet, ProfileConfiguration } from "./scheduler-configuration.ts";

export interface CreateProfileDeps {
  readonly definitions: readonly PluginDefinition[];
  readonly defaults: readonly PluginEntry[];
  /** The handle for the profile's plugins; `profile` is what becomes of it. */
  readonly handleFor: (profile: () => Profile) => Handle;
}

/**
 * Builds a profile: the default plugins and those enabled under `multiPoint` take part in every point they have a method for; a point's
 * own list adds, moves (named there, a plugin runs before those of multiPoint) and takes away, `*` meaning all.
 * Throws one sentence when the configuration is wrong.
 */
export function createProfile(config: ProfileConfiguration, deps: CreateProfileDeps): Profile {
  for (const point of Object.keys(config.plugins)) {
    if (point !== "multiPoint" && !pointNames.some((name) => name === point))
      throw new Error(`profile ${config.schedulerName}: there is no extension point ${JSON.stringify(point)}`);
  }
  const everywhere = merged(deps.defaults, config.plugins.multiPoint);
  const named = pointNames.flatMap((point) => config.plugins[point]?.enabled ?? []);
  const created = new Map<string, Plugin>();
  const weights = new Map<string, number>();
  let profile: Profile | undefined;
  const handle = deps.handleFor(() => {
    if (!profile) throw new Error("the profile is not there before its plugins are created");
    return profile;
  });
  for (const { name, weight } of [...everywhere, ...named]) {
    if (weight) weights.set(name, weight);
    if (created.has(name)) continue;
    const definition = deps.definitions.find((one) => one.name === name);
    if (!definition) throw new Error(`profile ${config.schedulerName}: there is no plugin ${JSON.stringify(name)}`);
    created.set(name, definition.create(config.pluginConfig.get(name), handle));
  }
  const plugins = Object.fromEntries(
    pointNames.map((point) => [point, pluginsAt(point, everywhere, config.plugins[point], created)]),
  ) as unknown as ProfilePlugins;
  if (plugins.queueSort.length !== 1)
    throw new Error(
      `profile ${config.schedulerName}: exactly one queue sort plugin is needed, not ${plugins.queueSort.length}`,
    );
  if (plugins.bind.length === 0) throw new Error(`profile ${config.schedulerName}: at least one bind plugin is needed`);
  profile = new Profile({
    schedulerName: config.schedulerName,
    plugins,
    weights,
    percentageOfNodesToScore: config.percentageOfNodesToScore,
    nominator: handle.nominator,
  });
  return profile;
}

/** Defaults without the disabled ones; an enabled one of the same name takes the place of the default. */
function merged(defaults: readonly PluginEntry[], { enabled = [], disabled = [] }: PluginSet = {}): PluginEntry[] {
  const isDisabled = (name: string) => disabled.some((one) => one.name === name || one.name === "*");
  const byName = new Map(enabled.map((entry) => [entry.name, entry]));
  const kept = defaults.filter(({ name }) => !isDisabled(name)).map((entry) => byName.get(entry.name) ?? entry);
  const added = enabled.filter(({ name }) => !kept.some((entry) => entry.name === name));
  return [...kept, ...added];
}

function pluginsAt<P extends PointName>(
  point: P,
  everywhere: readonly PluginEntry[],
  { enabled = [], disabled = [] }: PluginSet = {},
  created: ReadonlyMap<string, Plugin>,
): PluginAt<P>[] {
  const isDisabled = (name: string) => disabled.some((one) => one.name === name || one.name === "*");
  const names = new Set([
    ...enabled.map(({ name }) => name),
    ...everywhere.map(({ name }) => name).filter((name) => !isDisabled(name)),
  ]);
  return [...names].flatMap((name) => {
    const plugin = created.get(name);
    if (plugin && takesPartIn(plugin, point)) return [plugin];
    if (enabled.some((entry) => entry.name === name)) throw new Error(`plugin ${name} does not extend ${point}`);
    return [];
  });
}
