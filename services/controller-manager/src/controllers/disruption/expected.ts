import type { KubeObject, Pod } from "@tskube/api";
import { isNotFound } from "@tskube/apimachinery";
import type { Client, Listers } from "@tskube/client";
import { discover } from "../../discovery/discover.ts";
import { controllerOf } from "../../objects/meta.ts";

export interface ExpectedDeps {
  readonly client: Client;
  readonly listers: Listers;
}

export interface Expected {
  readonly count: number;
  /** Pods that nobody controls, which no number is known of. */
  readonly unmanaged: readonly Pod[];
}

interface Owner {
  readonly uid: string;
  readonly replicas: number;
}

/** How many pods the owners of these pods want together, each asked once. */
export async function expectedPods(pods: readonly Pod[], deps: ExpectedDeps): Promise<Expected> {
  const owners = new Map<string, number>();
  const asked = new Set<string>();
  const unmanaged: Pod[] = [];
  for (const pod of pods) {
    const controller = controllerOf(pod);
    if (!controller) {
      unmanaged.push(pod);
      continue;
    }
    if (asked.has(controller.uid)) continue;
    asked.add(controller.uid);
    const owner = await topOwner(pod, deps);
    if (owner) owners.set(owner.uid, owner.replicas);
  }
  return { count: [...owners.values()].reduce((sum, one) => sum + one, 0), unmanaged };
}

/** The object that says how many: of a deployment's replica set the deployment, for during a rollout each set has a part only. */
async function topOwner(pod: Pod, { client, listers }: ExpectedDeps): Promise<Owner | undefined> {
  const controller = controllerOf(pod);
  if (!controller) return undefined;
  const namespace = pod.metadata.namespace ?? "";
  const key = `${namespace}/${controller.name}`;
  switch (`${controller.apiVersion}/${controller.kind}`) {
    case "apps/v1/ReplicaSet": {
      const set = listers.replicasets.get(key);
      const above = set && controllerOf(set);
      if (above?.kind === "Deployment") return sized(listers.deployments.get(`${namespace}/${above.name}`), above.uid);
      return sized(set, controller.uid);
    }
    case "v1/ReplicationController":
      return sized(listers.replicationcontrollers.get(key), controller.uid);
    case "apps/v1/StatefulSet":
      return sized(listers.statefulsets.get(key), controller.uid);
    default:
      return scaled(client, namespace, controller);
  }
}

/** Nothing for an owner that is gone, or another one by its name. */
function sized(
  object: (KubeObject & { spec?: { replicas?: number | undefined } | undefined }) | undefined,
  uid: string,
) {
  if (!object || object.metadata.uid !== uid) return undefined;
  return { uid, replicas: object.spec?.replicas ?? 1 };
}

/** Any other kind that can be scaled says how many by its subresource. */
async function scaled(
  client: Client,
  namespace: string,
  { apiVersion, kind, name, uid }: { apiVersion: string; kind: string; name: string; uid: string },
): Promise<Owner | undefined> {
  const { kinds } = await discover(client);
  const resource = kinds.get(`${apiVersion}/${kind}`);
  const error = new Error(
    `${resource?.resource ?? kind}.${apiVersion.split("/")[0]} does not implement the scale subresource`,
  );
  if (!resource) throw error;
  type Scale = KubeObject & { spec?: { replicas?: number } };
  try {
    const scale = await client.resource(resource, namespace).sub<Scale>(name, "scale").get();
    return { uid, replicas: scale.spec?.replicas ?? 0 };
  } catch (cause) {
    if (!isNotFound(cause)) throw cause;
    throw error;
  }
}
