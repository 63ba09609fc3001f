import type { KubeObject, OwnerReference, Pod, PodTemplateSpec } from "@tskube/api";
import { isNotFound, statusCause } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import type { Draft } from "@tskube/client";
import type { Deps } from "@tskube/controller";

/** The longest `generateName` prefix that leaves room for the random end in a host name. */
const maxPrefix = 253;

/** A pod as a template describes it, controlled by `owner`. */
export function podFromTemplate(template: PodTemplateSpec, owner: KubeObject, reference: OwnerReference): Draft<Pod> {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    metadata: {
      generateName: `${owner.metadata.name}-`.slice(0, maxPrefix),
      namespace: owner.metadata.namespace,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [reference],
    },
    spec: template.spec ?? { containers: [] },
  };
}

export type PodControlDeps = Pick<Deps, "client" | "events">;

/** Creates a pod and tells of it on its owner. */
export async function createPod(draft: Draft<Pod>, owner: KubeObject, deps: PodControlDeps): Promise<Pod> {
  try {
    const pod = await deps.client.pods(owner.metadata.namespace).create(draft);
    deps.events.normal(owner, "SuccessfulCreate", `Created pod: ${pod.metadata.name}`);
    return pod;
  } catch (error) {
    // A namespace that is going away refuses all: that is no failure to tell of.
    if (!statusCause(error, "NamespaceTerminating"))
      deps.events.warn(owner, "FailedCreate", `Error creating: ${errorMessage(error)}`);
    throw error;
  }
}

/** Deletes a pod of this uid and tells of it on its owner; one that is gone counts as done. */
export async function deletePod(pod: Pod, owner: KubeObject, deps: PodControlDeps): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  try {
    await deps.client.pods(namespace).delete(name, uid ? { preconditions: { uid } } : {});
    deps.events.normal(owner, "SuccessfulDelete", `Deleted pod: ${name}`);
  } catch (error) {
    if (isNotFound(error)) throw error;
    deps.events.warn(owner, "FailedDelete", `Error deleting: ${errorMessage(error)}`);
    throw error;
  }
}
