import type { Pod, RuntimeClass } from "@tskube/api";
import { canonicalQuantity, deepEqual } from "@tskube/apimachinery";
import { readIfPresent } from "../../auth/read-if-present.ts";
import type { AdmissionDeps } from "../deps.ts";
import { objectOf, writesTo } from "../matches.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";
import { refuse } from "../refuse.ts";

const classes = { group: "node.k8s.io", resource: "runtimeclasses" };

/** Puts what a pod's runtime class costs and where it runs into the pod. */
export function runtimeClass({ objects }: AdmissionDeps): AdmissionPlugin {
  const find = async (name: string) =>
    objects.reader<RuntimeClass>(classes).get("", name) ??
    (await readIfPresent<RuntimeClass>(objects, classes, "", name));
  return {
    name: "RuntimeClass",
    handles: writesTo("pods", "CREATE"),
    async admit(attributes) {
      const pod = objectOf<Pod>(attributes);
      const name = pod.spec.runtimeClassName;
      if (!name) return;
      const found = await find(name);
      if (!found) throw refuse(attributes, `pod rejected: RuntimeClass "${name}" not found`);
      setOverhead(pod, found, attributes);
      setScheduling(pod, found, attributes);
    },
    validate(attributes) {
      const { spec } = objectOf<Pod>(attributes);
      if (spec.overhead && Object.keys(spec.overhead).length > 0 && !spec.runtimeClassName) {
        throw refuse(attributes, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
      }
    },
  };
}

function setOverhead(pod: Pod, { overhead }: RuntimeClass, attributes: AdmissionAttributes): void {
  const wanted = overhead?.podFixed;
  if (!wanted) return;
  if (pod.spec.overhead && !deepEqual(canonical(pod.spec.overhead), canonical(wanted))) {
    throw refuse(attributes, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
  }
  pod.spec.overhead = { ...wanted };
}

function canonical(resources: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(resources).map(([name, amount]) => [name, canonicalQuantity(amount)]));
}

function setScheduling({ spec }: Pod, { scheduling }: RuntimeClass, attributes: AdmissionAttributes): void {
  for (const [key, value] of Object.entries(scheduling?.nodeSelector ?? {})) {
    const own = spec.nodeSelector?.[key];
    if (own !== undefined && own !== value) {
      throw refuse(
        attributes,
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`,
      );
    }
    spec.nodeSelector = { ...spec.nodeSelector, [key]: value };
  }
  const missing = (scheduling?.tolerations ?? []).filter(
    (one) => !spec.tolerations?.some((own) => deepEqual(own, one)),
  );
  if (missing.length > 0) spec.tolerations = [...(spec.tolerations ?? []), ...missing];
}
