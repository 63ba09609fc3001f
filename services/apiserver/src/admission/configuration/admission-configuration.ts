import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { readConfiguration } from "../../configuration/read-configuration.ts";
import { type Fields, listOf, type ObjectOf, objectOf, type Shape, text } from "../../configuration/shape.ts";

/** What a plugin's configuration looks like. */
export interface PluginConfigurationKind<F extends Fields> {
  /** All that are read alike; absent for configurations that are no objects of the API. */
  readonly apiVersions?: readonly string[];
  readonly kind?: string;
  readonly fields: F;
}

/** What `--admission-control-config-file` says about plugins. */
export interface AdmissionConfiguration {
  /** The plugin's configuration as it was written; undefined when there is none. */
  raw(plugin: string): unknown;
}

export const noConfiguration: AdmissionConfiguration = { raw: () => undefined };

const anything: Shape<unknown> = (value) => value;
const entry = objectOf({ name: text, path: text, configuration: anything });

/**
 * Reads the file at `path`. Plugins are configured there, or by files of their own whose paths are relative to it. Throws for what cannot be read.
 */
export function readAdmissionConfiguration(path: string, readFile: (path: string) => string): AdmissionConfiguration {
  const { plugins } = readConfiguration(readFile(path), {
    kind: "AdmissionConfiguration",
    versions: ["v1alpha1", "v1"],
    fields: { plugins: listOf(entry) },
  });
  const found = new Map<string, unknown>();
  for (const { name, path: file, configuration } of plugins) {
    const own = file === "" ? configuration : parse(readFile(resolve(dirname(path), file)));
    if (own !== undefined && own !== null) found.set(name, own);
  }
  return { raw: (plugin) => found.get(plugin) };
}

/** A plugin's configuration as an object of its kind; undefined when there is none. Throws in the plugin's name. */
export function pluginConfiguration<F extends Fields>(
  configuration: AdmissionConfiguration,
  plugin: string,
  { apiVersions = [], kind, fields }: PluginConfigurationKind<F>,
): ObjectOf<F> | undefined {
  const raw = configuration.raw(plugin);
  if (raw === undefined) return undefined;
  const reading = { problems: [] as string[] };
  const value = objectOf({ apiVersion: text, kind: text, ...fields })(raw, "", reading);
  const { apiVersion, kind: named } = value as { readonly apiVersion: string; readonly kind: string };
  if (kind !== undefined && (named !== kind || !apiVersions.includes(apiVersion))) {
    reading.problems.push(`no kind ${JSON.stringify(named)} is registered for version ${JSON.stringify(apiVersion)}`);
  }
  if (reading.problems.length > 0) {
    throw new Error(`couldn't init admission plugin ${JSON.stringify(plugin)}: ${reading.problems.join(", ")}`);
  }
  return value as ObjectOf<F>;
}
