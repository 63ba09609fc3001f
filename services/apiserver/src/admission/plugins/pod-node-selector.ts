import type { Namespace, Pod } from "@tskube/api";
import { noConfiguration } from "../configuration/admission-configuration.ts";
import type { AdmissionDeps, AdmissionOptions } from "../deps.ts";
import { objectOf, writesTo } from "../matches.ts";
import { namespaceOf } from "../matching/match-resources.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";
import { refuse } from "../refuse.ts";
import { parseLabelsMap } from "./labels-map.ts";

const annotation = "scheduler.alpha.kubernetes.io/node-selector";
const clusterDefault = "clusterDefaultNodeSelector";

type Labels = Readonly<Record<string, string>>;

/** Gives pods the node selector of their namespace, and keeps those of a namespace to the nodes that the configuration allows it. */
export function podNodeSelector(deps: AdmissionDeps, options: AdmissionOptions): AdmissionPlugin {
  const selectors = configuredSelectors(options);
  return {
    name: "PodNodeSelector",
    handles: writesTo("pods", "CREATE"),
    async admit(attributes) {
      const { spec } = objectOf<Pod>(attributes);
      const wanted = await selectorOf(attributes, deps, selectors);
      const current: Labels = spec.nodeSelector ?? {};
      if (Object.entries(wanted).some(([key, value]) => Object.hasOwn(current, key) && current[key] !== value)) {
        throw refuse(attributes, "pod node label selector conflicts with its namespace node label selector");
      }
      if (Object.keys(wanted).length > 0) spec.nodeSelector = { ...current, ...wanted };
    },
    validate(attributes) {
      const allowed = selectors[attributes.namespace];
      if (allowed === undefined) return;
      const { nodeSelector = {} } = objectOf<Pod>(attributes).spec;
      const list = parseLabelsMap(allowed);
      if (Object.entries(nodeSelector).some(([key, value]) => Object.keys(list).length > 0 && list[key] !== value)) {
        throw refuse(attributes, "pod node label selector labels conflict with its namespace whitelist");
      }
    },
  };
}

/** By namespace, and the one of namespaces without an annotation. */
function configuredSelectors({ configuration = noConfiguration }: AdmissionOptions): Labels {
  const raw = configuration.raw("PodNodeSelector") as { readonly podNodeSelectorPluginConfig?: Labels } | undefined;
  const selectors = raw?.podNodeSelectorPluginConfig ?? {};
  for (const selector of Object.values(selectors)) parseLabelsMap(selector);
  return selectors;
}

async function selectorOf(attributes: AdmissionAttributes, { objects }: AdmissionDeps, selectors: Labels) {
  const namespace: Namespace | undefined = await namespaceOf(attributes, objects);
  const own = namespace?.metadata.annotations?.[annotation];
  return parseLabelsMap(own ?? selectors[clusterDefault] ?? "");
}
