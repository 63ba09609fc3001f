import type { KubeObject, Pod } from "@tskube/api";
import type { Client, Lister } from "@tskube/client";
import { claimObjects } from "@tskube/controller";
import { controllerOf } from "../objects/meta.ts";

export interface ClaimPodsOptions<O extends KubeObject> {
  readonly owner: O;
  readonly matches: (pod: Pod) => boolean;
  readonly pods: Lister<Pod>;
  readonly client: Client;
  readonly freshOwner: () => Promise<O>;
}

/** The pods of an owner, ended ones included: adopts orphans that fit and releases those that no longer do. */
export function claimPods<O extends KubeObject>(options: ClaimPodsOptions<O>): Promise<Pod[]> {
  const { owner, matches, pods, client, freshOwner } = options;
  const namespace = owner.metadata.namespace ?? "";
  const mine = pods.by("controller", owner.metadata.uid ?? "");
  const orphans = pods
    .in(namespace)
    .list()
    .filter((pod) => !controllerOf(pod) && matches(pod));
  return claimObjects([...mine, ...orphans], { owner, matches, client: client.pods(namespace), freshOwner });
}
