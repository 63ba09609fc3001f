import type { KubeObject, OwnerReference } from "@tskube/api";
import { isNotFound } from "@tskube/apimachinery";
import type { Client, ResourceClient, ResourceInfo } from "@tskube/client";
import { foregroundFinalizer } from "./graph.ts";

/** A dependent's owners by what the server says of them now. */
export interface JudgedOwners {
  readonly solid: readonly OwnerReference[];
  readonly absent: readonly OwnerReference[];
  /** Owners that wait for this dependent to go. */
  readonly waiting: readonly OwnerReference[];
}

export interface OwnerQuestions {
  resourceOf(apiVersion: string, kind: string): Promise<ResourceInfo>;
  readonly client: Client;
}

/** Resources of one object's place: its namespace, or none. */
export function at(client: Client, info: ResourceInfo, namespace: string | undefined): ResourceClient<KubeObject> {
  return client.resource<KubeObject>(info, info.namespaced ? namespace : undefined);
}

/** An object as it is now if it still has this uid. */
export async function liveObject(
  objects: ResourceClient<KubeObject>,
  name: string,
  uid: string,
): Promise<KubeObject | undefined> {
  try {
    const found = await objects.get(name);
    return found.metadata.uid === uid ? found : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Asks about each owner; `known` remembers uids that are gone for good, for uids never come back. */
export async function judgeOwners(
  references: readonly OwnerReference[],
  namespace: string | undefined,
  known: { has(uid: string): boolean; add(uid: string): void },
  { client, resourceOf }: OwnerQuestions,
): Promise<JudgedOwners> {
  const solid: OwnerReference[] = [];
  const absent: OwnerReference[] = [];
  const waiting: OwnerReference[] = [];
  for (const reference of references) {
    const { apiVersion, kind, name, uid } = reference;
    if (known.has(uid)) {
      absent.push(reference);
      continue;
    }
    const info = await resourceOf(apiVersion, kind);
    // A namespaced owner of a cluster-wide object cannot be: there is no namespace to look in.
    const owner = info.namespaced && !namespace ? undefined : await liveObject(at(client, info, namespace), name, uid);
    if (!owner) {
      known.add(uid);
      absent.push(reference);
    } else if (owner.metadata.deletionTimestamp && owner.metadata.finalizers?.includes(foregroundFinalizer)) {
      waiting.push(reference);
    } else solid.push(reference);
  }
  return { solid, absent, waiting };
}

/** Uids remembered up to a number; the oldest are forgotten. */
export class RecentUids {
  readonly #uids = new Set<string>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(uid: string): boolean {
    return this.#uids.has(uid);
  }

  add(uid: string): void {
    this.#uids.add(uid);
    const [oldest] = this.#uids;
    if (this.#uids.size > this.#limit && oldest !== undefined) this.#uids.delete(oldest);
  }
}
