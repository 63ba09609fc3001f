import type { PodTemplateSpec, ReplicaSet, ReplicationController } from "@tskube/api";
import { type LabelSelector, selectorFromLabels } from "@tskube/apimachinery";
import { selectorFrom } from "../../objects/meta.ts";

/** What both kinds are made of, so that one controller serves them. */
export type Replicated = ReplicaSet | ReplicationController;

export function selectorOf(set: Replicated): LabelSelector {
  return set.kind === "ReplicaSet" ? selectorFrom(set.spec.selector) : selectorFromLabels(set.spec?.selector ?? {});
}

export function templateOf(set: Replicated): PodTemplateSpec {
  return set.spec?.template ?? {};
}

export function wantedReplicas(set: Replicated): number {
  return set.spec?.replicas ?? 1;
}

export function minReadySeconds(set: Replicated): number {
  return set.spec?.minReadySeconds ?? 0;
}
