import type { Deployment, ReplicaSet } from "@tskube/api";
import { deepEqual, isAlreadyExists, statusCause, templateHash } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import type { Draft } from "@tskube/client";
import type { Deps } from "@tskube/controller";
import { controllerReference, isControlledBy } from "../../objects/meta.ts";
import { newSetAnnotations, replicasAnnotations } from "./annotations.ts";
import { hashLabel, isSameTemplate, maxRevision, type ReplicaSets } from "./replica-sets.ts";
import { newSetReplicas } from "./scaling.ts";

/** How getting the set of the newest template ended. */
export type Outcome =
  | { readonly kind: "found" | "created"; readonly set: ReplicaSet }
  /** The name is taken by a set of something else: the next try takes another. */
  | { readonly kind: "collision" }
  | { readonly kind: "failed"; readonly name: string; readonly error: unknown };

export type NewSetDeps = Pick<Deps, "client" | "events">;

/** Brings the annotations and ready time of the deployment's newest set up to date. */
export async function refreshNewSet(
  deployment: Deployment,
  newest: ReplicaSet,
  old: readonly ReplicaSet[],
  { client }: NewSetDeps,
): Promise<ReplicaSet> {
  const before = newest.metadata.annotations ?? {};
  const annotations = newSetAnnotations(deployment, before, maxRevision(old) + 1);
  const { minReadySeconds } = deployment.spec;
  const isSame = deepEqual(before, annotations) && (newest.spec.minReadySeconds ?? 0) === (minReadySeconds ?? 0);
  if (isSame) return newest;
  return client.replicasets(newest.metadata.namespace).update({
    ...newest,
    metadata: { ...newest.metadata, annotations: { ...annotations } },
    spec: { ...newest.spec, minReadySeconds },
  });
}

/** Creates the set of the deployment's template, named by the template's hash. */
export async function createNewSet(deployment: Deployment, sets: ReplicaSets, deps: NewSetDeps): Promise<Outcome> {
  const draft = newSet(deployment, sets.old);
  const name = draft.metadata.name ?? "";
  const client = deps.client.replicasets(deployment.metadata.namespace);
  try {
    const set = await client.create(draft);
    const { replicas = 0 } = set.spec;
    if (replicas > 0)
      deps.events.normal(deployment, "ScalingReplicaSet", `Scaled up replica set ${name} from 0 to ${replicas}`);
    return { kind: "created", set };
  } catch (error) {
    if (statusCause(error, "NamespaceTerminating")) throw error;
    if (!isAlreadyExists(error)) return { kind: "failed", name, error };
    // Ours after all, not yet in the cache; or another's, which a hash may share.
    const existing = await client.get(name);
    const isOurs =
      isControlledBy(existing, deployment) && isSameTemplate(existing.spec.template ?? {}, deployment.spec.template);
    return isOurs ? { kind: "found", set: existing } : { kind: "collision" };
  }
}

function newSet(deployment: Deployment, old: readonly ReplicaSet[]): Draft<ReplicaSet> {
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = templateHash(template, deployment.status?.collisionCount);
  const labels = { ...template.metadata?.labels, [hashLabel]: hash };
  return {
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: {
        ...newSetAnnotations(deployment, {}, maxRevision(old) + 1),
        ...replicasAnnotations(deployment),
      },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: newSetReplicas(deployment, old, 0),
      ...(minReadySeconds !== undefined && { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector?.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

/** The message of a failure to create a set, as events and conditions have it. */
export function creationFailure(name: string, error: unknown): string {
  return `Failed to create new replica set "${name}": ${errorMessage(error)}`;
}
