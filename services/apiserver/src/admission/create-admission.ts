import { type AdmissionChain, createAdmissionChain } from "../registry/admission-chain.ts";
import { AdmissionMetrics, type AdmissionMetricsDeps } from "./admission-metrics.ts";
import type { AdmissionDeps, AdmissionOptions } from "./deps.ts";
import type { AdmissionPlugin } from "./plugin.ts";
import { type PluginEntry, pluginList } from "./plugin-list.ts";
import { rbacEscalation } from "./plugins/rbac-escalation.ts";

export interface Admission extends AdmissionChain {
  /** The plugins that are on, in their order. */
  readonly plugins: readonly AdmissionPlugin[];
}

/**
 * The chain of all plugins that are on. `provided` are plugins which need more than the cluster's objects (webhooks, policies); each runs at the place
 * that the list has for its name. Throws for names that make no sense.
 */
export function createAdmission(
  options: AdmissionOptions,
  deps: AdmissionDeps & Partial<AdmissionMetricsDeps>,
  provided: readonly AdmissionPlugin[] = [],
): Admission {
  checkNames(options);
  const plugins = pluginList
    .filter((entry) => isOn(entry, options))
    .map((entry) => entry.create?.(deps, options) ?? provided.find((one) => one.name === entry.name))
    .filter((plugin) => plugin !== undefined);
  plugins.push(rbacEscalation(deps));
  const once = chainOf(plugins, deps);
  const reinvoking = plugins.filter((plugin) => plugin.wantsReinvocation !== undefined);
  return {
    plugins,
    validate: once.validate,
    async admit(attributes, signal) {
      await once.admit(attributes, signal);
      if (reinvoking.some((plugin) => plugin.wantsReinvocation?.(attributes))) await once.admit(attributes, signal);
    },
  };
}

/** Throws for a name that no plugin has, and for one that is to be both on and off. */
function checkNames({ enable = [], disable = [] }: AdmissionOptions): void {
  for (const [flag, names] of Object.entries({ enable, disable })) {
    const unknown = names.find((name) => !pluginList.some((entry) => entry.name === name));
    if (unknown !== undefined)
      throw new Error(`${flag}-admission-plugins plugin ${JSON.stringify(unknown)} is unknown`);
  }
  const both = enable.filter((name) => disable.includes(name));
  if (both.length > 0) {
    throw new Error(`[${both.join(" ")}] in enable-admission-plugins and disable-admission-plugins overlapped`);
  }
}

function chainOf(plugins: readonly AdmissionPlugin[], { metrics, clock }: Parameters<typeof createAdmission>[1]) {
  if (!metrics) return createAdmissionChain(plugins);
  const timed = new AdmissionMetrics({ metrics, clock });
  return timed.chain(plugins.map((plugin) => timed.plugin(plugin)));
}

function isOn({ name, isDefault }: PluginEntry, { enable = [], disable = [] }: AdmissionOptions): boolean {
  return enable.includes(name) || (isDefault && !disable.includes(name));
}
