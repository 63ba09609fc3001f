import type { Affinity, DaemonSet, Pod, PodSpec } from "@tskube/api";
import type { Draft } from "@tskube/client";
import { controllerReference } from "../../objects/meta.ts";
import { podFromTemplate } from "../../pods/pod-control.ts";
import { allTolerations } from "./node-fit.ts";

/** The label with the hash of the template that a pod was made from. */
export const hashLabel = "controller-revision-hash";
const generationLabel = "pod-template-generation";
const generationAnnotation = "deprecated.daemonset.template.generation";

/** The set's pod for one node: the scheduler binds it, but can choose no other node. */
export function daemonPod(set: DaemonSet, node: string, hash: string): Draft<Pod> {
  const draft = podFromTemplate(set.spec.template, set, controllerReference(set));
  const generation = set.metadata.annotations?.[generationAnnotation];
  const spec: PodSpec = draft.spec;
  return {
    ...draft,
    metadata: {
      ...draft.metadata,
      labels: { ...draft.metadata.labels, ...(generation && { [generationLabel]: generation }), [hashLabel]: hash },
    },
    spec: { ...spec, tolerations: allTolerations(spec), affinity: onlyOn(node, spec.affinity) },
  };
}

/** The affinity with its required nodes replaced by one node: the set has decided already that the node fits. */
function onlyOn(node: string, affinity: Affinity | undefined): Affinity {
  const nodeSelectorTerms = [{ matchFields: [{ key: "metadata.name", operator: "In", values: [node] }] }];
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms },
    },
  };
}
