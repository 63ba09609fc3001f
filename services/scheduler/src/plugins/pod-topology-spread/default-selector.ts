import type { LabelSelector as ApiLabelSelector, Pod } from "@tskube/api";
import { createSelector, type LabelSelector, type Requirement, selectorFromLabels } from "@tskube/apimachinery";
import type { Listers } from "@tskube/client";
import { selectorOrNothing } from "../../framework/affinity-terms.ts";

export type OwnerListers = Pick<Listers, "services" | "replicationcontrollers" | "replicasets" | "statefulsets">;

/** The pods that belong together with this one: those of its services and its controller. Empty when it has neither. */
export function defaultSelector(pod: Pod, listers: OwnerListers): LabelSelector {
  const namespace = pod.metadata.namespace ?? "";
  const labels: Record<string, string> = {};
  for (const { spec } of listers.services.in(namespace).list()) {
    const selector = spec?.selector;
    if (!selector || Object.keys(selector).length === 0) continue;
    if (selectorFromLabels(selector).matches(pod.metadata.labels)) Object.assign(labels, selector);
  }
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller);
  if (owner?.kind === "ReplicationController") {
    Object.assign(labels, listers.replicationcontrollers.in(namespace).get(owner.name)?.spec?.selector);
  }
  const own = [...selectorFromLabels(labels).requirements];
  if (owner?.kind === "ReplicaSet")
    own.push(...requirementsOf(listers.replicasets.in(namespace).get(owner.name)?.spec?.selector));
  if (owner?.kind === "StatefulSet")
    own.push(...requirementsOf(listers.statefulsets.in(namespace).get(owner.name)?.spec?.selector));
  return createSelector(own);
}

function requirementsOf(selector: ApiLabelSelector | undefined): readonly Requirement[] {
  return selectorOrNothing(selector).requirements;
}
