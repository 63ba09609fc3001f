import type { Namespace, Pod, Toleration } from "@tskube/api";
import { deepEqual } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import { listOf, type Shape } from "../../configuration/shape.ts";
import { noConfiguration, pluginConfiguration } from "../configuration/admission-configuration.ts";
import type { AdmissionDeps, AdmissionOptions } from "../deps.ts";
import { objectOf, writesTo } from "../matches.ts";
import { namespaceOf } from "../matching/match-resources.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";
import { refuse } from "../refuse.ts";

const name = "PodTolerationRestriction";
const defaultsAnnotation = "scheduler.alpha.kubernetes.io/defaultTolerations";
const allowedAnnotation = "scheduler.alpha.kubernetes.io/tolerationsWhitelist";

const toleration: Shape<Toleration> = (value) => value as Toleration;
const kind = {
  apiVersions: ["podtolerationrestriction.admission.k8s.io/v1alpha1"],
  kind: "Configuration",
  fields: { default: listOf(toleration), whitelist: listOf(toleration) },
};

/** Adds the tolerations of their namespace to pods, and refuses those that it does not allow. */
export function podTolerationRestriction(deps: AdmissionDeps, options: AdmissionOptions): AdmissionPlugin {
  const { configuration = noConfiguration } = options;
  const cluster = pluginConfiguration(configuration, name, kind) ?? { default: [], whitelist: [] };
  const annotated = async (attributes: AdmissionAttributes, key: string) =>
    readTolerations(await namespaceOf(attributes, deps.objects), key);
  return {
    name,
    handles: writesTo("pods", "CREATE", "UPDATE"),
    async admit(attributes) {
      if (attributes.operation !== "CREATE") return;
      const { spec, status } = objectOf<Pod>(attributes);
      const defaults = (await annotated(attributes, defaultsAnnotation)) ?? cluster.default;
      const added = isBestEffort(spec, status?.qosClass) ? defaults : [...defaults, memoryPressure];
      const merged = added.reduce(withToleration, spec.tolerations ?? []);
      if (merged.length > 0) spec.tolerations = [...merged];
    },
    async validate(attributes) {
      const allowed = (await annotated(attributes, allowedAnnotation)) ?? cluster.whitelist;
      const { tolerations = [] } = objectOf<Pod>(attributes).spec;
      if (allowed.length === 0 || tolerations.every((one) => allowed.some((other) => isWithin(one, other)))) return;
      const what = "pod tolerations (possibly merged with namespace default tolerations)";
      throw refuse(attributes, `${what} conflict with its namespace whitelist`);
    },
  };
}

/** Pods that have a claim to memory stay where memory is short. */
const memoryPressure: Toleration = {
  key: "node.kubernetes.io/memory-pressure",
  operator: "Exists",
  effect: "NoSchedule",
};

function readTolerations(namespace: Namespace | undefined, key: string): readonly Toleration[] | undefined {
  const text = namespace?.metadata.annotations?.[key];
  if (text === undefined) return undefined;
  if (text === "") return [];
  try {
    return JSON.parse(text) as readonly Toleration[];
  } catch (error) {
    throw new Error(`cannot read the annotation ${key}: ${errorMessage(error)}`, { cause: error });
  }
}

function isBestEffort({ containers, initContainers = [] }: Pod["spec"], qosClass: string | undefined): boolean {
  if (qosClass) return qosClass === "BestEffort";
  const amounts = ({ resources }: { readonly resources?: Pod["spec"]["containers"][number]["resources"] }) =>
    Object.entries({ ...resources?.requests, ...resources?.limits }).filter(([what]) =>
      ["cpu", "memory"].includes(what),
    );
  return [...containers, ...initContainers].every((container) => amounts(container).length === 0);
}

/** A toleration that another covers adds nothing. */
function withToleration(all: readonly Toleration[], one: Toleration): readonly Toleration[] {
  if (all.some((other) => deepEqual(other, one) || isWithin(one, other))) return all;
  return [...all.filter((other) => !isWithin(other, one)), one];
}

/** Whether everything that `one` tolerates `other` tolerates, too. */
function isWithin(one: Toleration, other: Toleration): boolean {
  if (other.key && other.key !== one.key) return false;
  if (other.effect && other.effect !== one.effect) return false;
  if (other.tolerationSeconds !== undefined) {
    if (one.tolerationSeconds === undefined || one.tolerationSeconds > other.tolerationSeconds) return false;
  }
  if ((other.operator ?? "Equal") === "Exists") return true;
  return (one.operator ?? "Equal") === "Equal" && (one.value ?? "") === (other.value ?? "");
}
